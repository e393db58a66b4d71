#!/bin/sh
# A job of run.sh: tests-job.sh BUNDLE runs the suites that need the rig.
exec "$1" --testing-library swift-testing --filter '^RigTests\.'
