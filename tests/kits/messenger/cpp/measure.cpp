// measure.cpp - kinds and lengths of JSON values.
#include "measure.hpp"

#include <algorithm>

const char *kind_of(const Json &v) {
    return v.is_null()     ? "null"
           : v.is_bool()   ? "bool"
           : v.is_number() ? "number"
           : v.is_string() ? "string"
           : v.is_array()  ? "list"
                           : "object";
}

std::size_t length_of(const Json &v) {
    if (!v.is_string())
        return v.size();
    auto begins = [](char byte) { return (byte & 0xC0) != 0x80; }; // of a character's first byte
    return static_cast<std::size_t>(std::count_if(v.text().begin(), v.text().end(), begins));
}
