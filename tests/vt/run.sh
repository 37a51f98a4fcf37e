#!/bin/sh
# run.sh [--quick] - programs in many languages under the virtual clock (vt_languages.c says more);
# --quick leaves out those that have to be compiled.
cd "$(dirname "$0")/../.." || exit 1
if [ "${1:-}" = --quick ]; then
    exec build/tests/vt_languages python javascript bash
fi
exec build/tests/vt_languages
