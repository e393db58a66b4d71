#!/bin/sh
# A job of run.sh: tests-job.sh BUNDLE [VERSION] runs the tests that need the rig, and sees to it
# that the bundle has this version of libgpiod.
export NO_COLOR=1 STEELYARD_RIG_LIBGPIOD="$2"
exec "$1" --testing-library swift-testing --filter '^RigTests\.'
