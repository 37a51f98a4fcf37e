// json.hpp - JSON values: look into them, build them, print them, parse them.
//
//     Json body = {{"type", "vote"}, {"term", 7}, {"log", Json::array({1, "two"})}};
//     body["term"].to_int();     // 7
//     body["none"].is_null();    // true: what is not there is null
//
// Values are copied like any other. Numbers that are no 64-bit integers keep their text and go out as
// they came. Strings are UTF-8 and may hold 0 bytes. Only Json::parse throws: what it is given is no JSON.
#pragma once

#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

struct JsonError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

class Json {
  public:
    using Array = std::vector<Json>;
    using Object = std::map<std::string, Json>;

    struct Real { // any number that is no 64-bit integer
        std::string text;
        bool operator==(const Real &other) const { return text == other.text; }
    };

    static constexpr int depth_max = 100; // deeper texts are refused

    Json() = default; // null
    Json(std::nullptr_t) {}
    Json(bool b) : value(b) {}
    Json(int i) : value(std::int64_t{i}) {}
    Json(std::int64_t i) : value(i) {}
    Json(std::size_t n) : value(static_cast<std::int64_t>(n)) {}
    Json(double d); // throws JsonError if it is no number
    Json(const char *text) : value(std::string(text)) {}
    Json(std::string text) : value(std::move(text)) {}
    Json(std::string_view text) : value(std::string(text)) {}
    Json(Array items) : value(std::move(items)) {}
    Json(Object members) : value(std::move(members)) {}
    Json(std::initializer_list<std::pair<const std::string, Json>> members) : value(Object(members)) {}

    static Json array(std::initializer_list<Json> items = {}) { return Json(Array(items)); }
    static Json object() { return Json(Object()); }
    template <class Range> static Json list(const Range &range) {
        return Json(Array(range.begin(), range.end()));
    }

    // Look.
    bool is_null() const { return std::holds_alternative<std::monostate>(value); }
    bool is_bool() const { return std::holds_alternative<bool>(value); }
    bool is_int() const { return std::holds_alternative<std::int64_t>(value); }
    bool is_number() const { return is_int() || std::holds_alternative<Real>(value); }
    bool is_string() const { return std::holds_alternative<std::string>(value); }
    bool is_array() const { return std::holds_alternative<Array>(value); }
    bool is_object() const { return std::holds_alternative<Object>(value); }

    bool has(const std::string &key) const;
    const Json &operator[](const std::string &key) const; // null if there is no such member
    const Json &operator[](const char *key) const { return (*this)[std::string(key)]; }
    const Json &operator[](std::size_t index) const; // null if there is no such item
    const Json &operator[](int index) const { return (*this)[static_cast<std::size_t>(index)]; }
    std::size_t size() const; // items or members; 0 for all other values

    bool to_bool(bool otherwise = false) const;
    std::int64_t to_int(std::int64_t otherwise = 0) const;
    double to_double(double otherwise = 0) const;
    const std::string &text() const;   // empty if it is no string
    const Array &items() const;        // empty if it is no array
    const Object &members() const;     // empty if it is no object

    bool operator==(const Json &other) const { return value == other.value; }
    bool operator!=(const Json &other) const { return !(*this == other); }

    // Build.
    void set(const std::string &key, Json member); // what was no object becomes one
    void push(Json item);                          // what was no array becomes one

    // Text.
    std::string dump() const;
    static Json parse(std::string_view text);

  private:
    friend class JsonParser;
    void print(std::string &out) const;

    std::variant<std::monostate, bool, std::int64_t, Real, std::string, Array, Object> value;
};
