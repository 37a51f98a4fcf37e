#!/bin/sh
[ "$1" = --list ] && exit 0
