#!/bin/sh
# A job of run.sh: bench-job.sh PROGRAM [ARGUMENT…] measures what GPIO edges cost.
program=$1
shift
exec "$program" gpio-edges "$@"
