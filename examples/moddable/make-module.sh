#!/bin/sh
# Makes vfs.js, a module of the bundle, which is a script for every engine.
cd "$(dirname "$0")" || exit 1
{
  echo 'const exports = {}, require = undefined;'
  cat "${1:-../../dist/zephyr/vfs-moddable.min.js}"
  echo
  echo 'export default exports;'
} > "${2:-vfs.js}"
