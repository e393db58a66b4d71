#!/bin/sh
# A job of run.sh: tests-job.sh BUNDLE runs the tests that need the rig.
export NO_COLOR=1
exec "$1" --testing-library swift-testing --filter '^RigTests\.'
