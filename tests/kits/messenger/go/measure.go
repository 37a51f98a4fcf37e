package main

import (
	"encoding/json"
	"unicode/utf8"
)

// measure says what kind of JSON value this is, and how long.
func measure(text json.RawMessage) (kind string, length int, err error) {
	switch text[0] {
	case 'n':
		return "null", 0, nil
	case 't', 'f':
		return "bool", 0, nil
	case '"':
		var s string
		err = json.Unmarshal(text, &s)
		return "string", utf8.RuneCountInString(s), err
	case '[':
		var list []json.RawMessage
		err = json.Unmarshal(text, &list)
		return "list", len(list), err
	case '{':
		var object map[string]json.RawMessage
		err = json.Unmarshal(text, &object)
		return "object", len(object), err
	}
	return "number", 0, nil
}
