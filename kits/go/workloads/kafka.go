// The first node keeps all logs; the others pass on what they are asked.
package main

import (
	"encoding/json"
	"time"

	"node/kit"
)

var (
	logs      = map[string][]json.RawMessage{} // of each key: its messages; the offset is the place
	committed = map[string]int{}
)

func send(m kit.Message) (kit.Fields, error) {
	var key string
	if err := m.Get("key", &key); err != nil {
		return nil, err
	}
	logs[key] = append(logs[key], m.Body["msg"])
	return kit.Fields{"offset": len(logs[key]) - 1}, nil
}

func poll(m kit.Message) (kit.Fields, error) {
	var offsets map[string]int
	if err := m.Get("offsets", &offsets); err != nil {
		return nil, err
	}
	msgs := map[string][][2]any{}
	for key, first := range offsets {
		msgs[key] = [][2]any{}
		for offset := first; offset < len(logs[key]) && offset < first+20; offset++ {
			msgs[key] = append(msgs[key], [2]any{offset, logs[key][offset]})
		}
	}
	return kit.Fields{"msgs": msgs}, nil
}

func commit(m kit.Message) (kit.Fields, error) {
	var offsets map[string]int
	if err := m.Get("offsets", &offsets); err != nil {
		return nil, err
	}
	for key, offset := range offsets {
		if offset > committed[key] {
			committed[key] = offset
		}
	}
	return nil, nil
}

func listCommitted(m kit.Message) (kit.Fields, error) {
	var keys []string
	if err := m.Get("keys", &keys); err != nil {
		return nil, err
	}
	offsets := map[string]int{}
	for _, key := range keys {
		if offset, there := committed[key]; there {
			offsets[key] = offset
		}
	}
	return kit.Fields{"offsets": offsets}, nil
}

func withoutIDs(body map[string]json.RawMessage) kit.Fields {
	fields := kit.Fields{}
	for key, value := range body {
		if key != "type" && key != "msg_id" && key != "in_reply_to" {
			fields[key] = value
		}
	}
	return fields
}

func main() {
	n := kit.New()
	serve := func(kind string, work func(m kit.Message) (kit.Fields, error)) {
		n.Handle(kind, func(m kit.Message) error {
			if n.ID == n.IDs[0] {
				fields, err := work(m)
				if err != nil {
					return err
				}
				return n.Reply(m, kind+"_ok", fields)
			}
			answer, err := n.Call(n.IDs[0], kind, withoutIDs(m.Body), time.Second)
			if err != nil {
				return err
			}
			return n.Reply(m, kind+"_ok", withoutIDs(answer.Body))
		})
	}
	serve("send", send)
	serve("poll", poll)
	serve("commit_offsets", commit)
	serve("list_committed_offsets", listCommitted)
	n.Run()
}
