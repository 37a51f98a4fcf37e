// measure.hpp - what kind of JSON value this is, and how long.
#pragma once

#include "kit/json.hpp"

const char *kind_of(const Json &v);     // null, bool, number, string, list or object
std::size_t length_of(const Json &v);   // code points, items or members; 0 for the others
