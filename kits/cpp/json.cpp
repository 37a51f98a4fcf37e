// json.cpp - JSON values: looking, building, printing; then a parser that goes down by recursion.
#include "json.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

// Building

Json::Json(double d) {
    if (!std::isfinite(d))
        throw JsonError("JSON has no infinite number");
    char text[32];
    std::snprintf(text, sizeof(text), "%.17g", d);
    if (std::strpbrk(text, ".e") == nullptr)
        std::strcat(text, ".0");
    value = Real{text};
}

void Json::set(const std::string &key, Json member) {
    if (!is_object())
        value = Object();
    std::get<Object>(value)[key] = std::move(member);
}

void Json::push(Json item) {
    if (!is_array())
        value = Array();
    std::get<Array>(value).push_back(std::move(item));
}

// Looking

static const Json nothing;

bool Json::has(const std::string &key) const { return members().count(key) > 0; }

const Json &Json::operator[](const std::string &key) const {
    auto found = members().find(key);
    return found == members().end() ? nothing : found->second;
}

const Json &Json::operator[](std::size_t index) const {
    return index < items().size() ? items()[index] : nothing;
}

std::size_t Json::size() const { return is_object() ? members().size() : items().size(); }

bool Json::to_bool(bool otherwise) const { return is_bool() ? std::get<bool>(value) : otherwise; }

std::int64_t Json::to_int(std::int64_t otherwise) const {
    return is_int() ? std::get<std::int64_t>(value) : otherwise;
}

double Json::to_double(double otherwise) const {
    if (is_int())
        return static_cast<double>(std::get<std::int64_t>(value));
    return is_number() ? std::strtod(std::get<Real>(value).text.c_str(), nullptr) : otherwise;
}

const std::string &Json::text() const {
    static const std::string empty;
    return is_string() ? std::get<std::string>(value) : empty;
}

const Json::Array &Json::items() const {
    static const Array empty;
    return is_array() ? std::get<Array>(value) : empty;
}

const Json::Object &Json::members() const {
    static const Object empty;
    return is_object() ? std::get<Object>(value) : empty;
}

// Printing

static void print_string(std::string &out, const std::string &text) {
    static const char means[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    out += '"';
    for (char c : text) {
        const char *mean = c == 0 ? nullptr : std::strchr(means, c);
        if (mean != nullptr) {
            out += '\\';
            out += names[mean - means];
        } else if (static_cast<unsigned char>(c) < 0x20) {
            char escape[8];
            std::snprintf(escape, sizeof(escape), "\\u%04x", c);
            out += escape;
        } else {
            out += c;
        }
    }
    out += '"';
}

void Json::print(std::string &out) const {
    const char *between = "";
    if (is_null()) {
        out += "null";
    } else if (is_bool()) {
        out += to_bool() ? "true" : "false";
    } else if (is_int()) {
        out += std::to_string(to_int());
    } else if (is_number()) {
        out += std::get<Real>(value).text;
    } else if (is_string()) {
        print_string(out, text());
    } else if (is_array()) {
        out += '[';
        for (const Json &item : items()) {
            out += between;
            item.print(out);
            between = ",";
        }
        out += ']';
    } else {
        out += '{';
        for (const auto &[key, member] : members()) {
            out += between;
            print_string(out, key);
            out += ':';
            member.print(out);
            between = ",";
        }
        out += '}';
    }
}

std::string Json::dump() const {
    std::string out;
    print(out);
    return out;
}

// Parsing

class JsonParser {
  public:
    explicit JsonParser(std::string_view text) : text(text) {}

    Json whole() {
        check_utf8();
        Json v = value();
        if (peek() != end)
            fail();
        return v;
    }

  private:
    static constexpr int end = -1;
    std::string_view text;
    std::size_t at = 0;
    int depth = 0;

    [[noreturn]] void fail() const { throw JsonError("not JSON at byte " + std::to_string(at)); }

    int here() const { return at < text.size() ? static_cast<unsigned char>(text[at]) : end; }

    // The next byte that is no blank.
    int peek() {
        while (here() == ' ' || here() == '\t' || here() == '\r' || here() == '\n')
            at++;
        return here();
    }

    Json value() {
        switch (peek()) {
        case '{':
        case '[': {
            if (++depth > Json::depth_max)
                fail();
            Json v = here() == '{' ? object() : array();
            depth--;
            return v;
        }
        case '"':
            return Json(string());
        case 't':
            return word("true", true);
        case 'f':
            return word("false", false);
        case 'n':
            return word("null", nullptr);
        default:
            return number();
        }
    }

    Json word(std::string_view w, Json v) {
        if (text.substr(at, w.size()) != w)
            fail();
        at += w.size();
        return v;
    }

    bool digits() {
        std::size_t start = at;
        while (here() >= '0' && here() <= '9')
            at++;
        return at > start;
    }

    Json number() {
        std::size_t start = at;
        bool whole = true;
        if (here() == '-')
            at++;
        bool zero = here() == '0';
        std::size_t first = at;
        if (!digits() || (zero && at - first > 1))
            fail();
        if (here() == '.') {
            at++;
            whole = false;
            if (!digits())
                fail();
        }
        if (here() == 'e' || here() == 'E') {
            at++;
            whole = false;
            if (here() == '+' || here() == '-')
                at++;
            if (!digits())
                fail();
        }
        std::string_view token = text.substr(start, at - start);
        std::int64_t i;
        if (whole && token != "-0" &&
            std::from_chars(token.data(), token.data() + token.size(), i).ec == std::errc())
            return Json(i);
        Json real;
        real.value = Json::Real{std::string(token)};
        return real;
    }

    Json array() {
        Json::Array items;
        at++;
        if (peek() == ']') {
            at++;
            return Json(std::move(items));
        }
        for (;;) {
            items.push_back(value());
            int next = peek();
            at++;
            if (next == ']')
                return Json(std::move(items));
            if (next != ',')
                fail();
        }
    }

    Json object() {
        Json::Object members;
        at++;
        if (peek() == '}') {
            at++;
            return Json(std::move(members));
        }
        for (;;) {
            if (peek() != '"')
                fail();
            std::string key = string();
            if (peek() != ':')
                fail();
            at++;
            members[std::move(key)] = value(); // of equal keys the last one counts
            int next = peek();
            at++;
            if (next == '}')
                return Json(std::move(members));
            if (next != ',')
                fail();
        }
    }

    // At the opening quote.
    std::string string() {
        std::string out;
        at++;
        for (;;) {
            std::size_t from = at;
            while (here() >= 0x20 && here() != '"' && here() != '\\')
                at++;
            out += text.substr(from, at - from);
            if (here() == '"')
                break;
            if (here() != '\\')
                fail();
            escape(out);
        }
        at++;
        return out;
    }

    void escape(std::string &out) {
        static const char names[] = "\"\\/bfnrt", means[] = "\"\\/\b\f\n\r\t";
        at++;
        if (here() != 'u') {
            const char *name = here() > 0 ? std::strchr(names, here()) : nullptr;
            if (name == nullptr)
                fail();
            out += means[name - names];
            at++;
            return;
        }
        at++;
        std::uint32_t code = hex4();
        if (code >= 0xD800 && code < 0xDC00 && text.substr(at, 2) == "\\u") {
            std::size_t back = at;
            at += 2;
            std::uint32_t low = hex4();
            if (low >= 0xDC00 && low < 0xE000)
                code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
            else
                at = back;
        }
        if (code >= 0xD800 && code < 0xE000)
            code = 0xFFFD; // half of a pair means nothing
        put_utf8(out, code);
    }

    std::uint32_t hex4() {
        std::uint32_t code = 0;
        const char *first = text.data() + at, *last = text.data() + std::min(at + 4, text.size());
        if (last - first != 4 || std::from_chars(first, last, code, 16).ptr != last)
            fail();
        at += 4;
        return code;
    }

    static void put_utf8(std::string &out, std::uint32_t code) {
        static const unsigned char first[] = {0, 0xC0, 0xE0, 0xF0};
        int more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
        out += static_cast<char>(first[more] | code >> 6 * more);
        while (more-- > 0)
            out += static_cast<char>(0x80 | (code >> 6 * more & 0x3F));
    }

    void check_utf8() {
        static const std::uint32_t least[] = {0, 0x80, 0x800, 0x10000}; // no longer than needed
        for (at = 0; at < text.size(); at++) {
            int byte = here();
            if (byte < 0x80)
                continue;
            int more = byte < 0xC0 || byte > 0xF7 ? 0 : byte < 0xE0 ? 1 : byte < 0xF0 ? 2 : 3;
            std::uint32_t code = byte & (0x3F >> more);
            for (int i = 0; i < more; i++) {
                at++;
                if (here() == end || (here() & 0xC0) != 0x80)
                    fail();
                code = code << 6 | (here() & 0x3F);
            }
            if (more == 0 || code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
                fail();
        }
        at = 0;
    }
};

Json Json::parse(std::string_view text) { return JsonParser(text).whole(); }
