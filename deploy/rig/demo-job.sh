#!/bin/sh
# A job of run.sh: demo-job.sh ROOT PROGRAMS plays the demo with its parts on GPIO lines.
exec bash "$1/deploy/demo.sh" --gpio --programs "$2"
