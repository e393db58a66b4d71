#!/usr/bin/env python3
"""Links programs of SwiftPM once more, with some C files compiled against another library.

usage: relink.py --library DIR [--source CGPIO/CGPIO.c]... [--release] OUT PROGRAM...

DIR has include/ and lib/, and takes precedence over the system's. OUT is the folder for the new
PROGRAMs (steelyardd, steelyardPackageTests.xctest, ...), which have to be built already: how they
are compiled and linked is read from what SwiftPM left in .build, of the debug build unless --release
is given.
"""

import argparse
import json
import pathlib
import subprocess
import sys


def commands(manifest):
    """Every command line of the last build."""
    for line in manifest.read_text().splitlines():
        key, _, value = line.strip().partition(": ")
        if key == "args" and value.startswith("["):
            yield json.loads(value)


def find(manifest, what, matches):
    found = next((line for line in commands(manifest) if matches(line)), None)
    if found is None:
        sys.exit(f"relink.py: {manifest} doesn't say how {what} is made; build it first")
    return list(found)


def output(line):
    return line[line.index("-o") + 1] if "-o" in line else ""


def run(line):
    done = subprocess.run(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(f"relink.py: {line[0]} failed\n{done.stdout}")


def compile_source(manifest, source, library, out):
    """Compiles the file as SwiftPM did; returns the old object and the new one."""
    line = find(
        manifest,
        source,
        lambda line: "-c" in line and line[line.index("-c") + 1].endswith(source),
    )
    old = output(line)
    new = str(out / pathlib.Path(old).name)
    line[line.index("-o") + 1] = new
    # What SwiftPM notes about dependencies is none of ours to write.
    for flag in ("-MD", "-MT", "-MF"):
        if flag in line:
            at = line.index(flag)
            del line[at : at + (1 if flag == "-MD" else 2)]
    run(line[:1] + ["-I", str(library / "include")] + line[1:])
    return old, new


def relink(manifest, program, swaps, library, out):
    line = find(
        manifest,
        program,
        lambda line: "-emit-executable" in line and output(line).endswith("/" + program),
    )
    listed = next(argument for argument in line if argument.startswith("@"))
    objects = pathlib.Path(listed[1:]).read_text().splitlines()
    for old in swaps:
        if old not in objects:
            sys.exit(f"relink.py: {program} isn't made of {old}")
    own = out / f"{program}.objects"
    own.write_text("\n".join(swaps.get(name, name) for name in objects) + "\n")
    line[line.index(listed)] = f"@{own}"
    line[line.index("-o") + 1] = str(out / program)
    lib = str(library / "lib")
    run(line[:1] + ["-L", lib, "-Xlinker", f"-rpath={lib}"] + line[1:])


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--library", type=pathlib.Path, required=True)
    parser.add_argument("--source", action="append")
    parser.add_argument("--release", action="store_true")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("program", nargs="+")
    given = parser.parse_args()
    out = given.out.resolve()
    out.mkdir(parents=True, exist_ok=True)
    manifest = pathlib.Path(".build/release.yaml" if given.release else ".build/debug.yaml")
    sources = given.source or ["CGPIO/CGPIO.c"]
    swaps = dict(compile_source(manifest, "/" + name, given.library, out) for name in sources)
    for program in given.program:
        relink(manifest, program, swaps, given.library, out)


main()
