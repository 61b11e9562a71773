#!/bin/sh
# Makes .venv and installs the given requirements, unless just these are in it already.
set -eu
cd "$(dirname "$0")"
venv=.venv

# A copy of each installed file lies in .venv: what is the same need not be installed again.
installed() {
    for file in "$@"; do
        cmp -s "$file" "$venv/$file" || return 1
    done
    "$venv/bin/python" -c "" 2>/dev/null
}

find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$name"
            return
        fi
    done
    echo "KopProd needs Python 3.11 or newer; none was found." >&2
    echo "On Debian or Ubuntu: sudo apt install python3 python3-venv" >&2
    exit 1
}

make_venv() {
    python=$(find_python)
    # Debian keeps ensurepip in a package of its own; without it .venv would lack pip.
    if ! "$python" -c "import ensurepip, venv" >/dev/null 2>&1; then
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        echo "$python cannot make a virtual environment: its ensurepip is missing." >&2
        echo "On Debian or Ubuntu: sudo apt install python3-venv" >&2
        echo "(or, for this Python alone: sudo apt install python$version-venv)" >&2
        exit 1
    fi
    "$python" -m venv --clear "$venv"
}

installed "$@" && exit 0
"$venv/bin/python" -m pip --version >/dev/null 2>&1 || make_venv
for file in "$@"; do
    last=$file
    rm -f "$venv/$file"
done
echo "Installing what $last names into $venv (once; a few minutes on a slow line)"
# The last file includes the ones before it.
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$last"
for file in "$@"; do
    cp "$file" "$venv/$file"
done
