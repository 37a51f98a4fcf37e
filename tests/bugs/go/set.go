// set [right|saves-later]: g-set by gossip of what is on disk.
//
// saves-later: an element is acknowledged at once and written to disk within the next tenth of one second,
// which is also when others hear of it. Killed in between, the node has lost it.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sort"
	"time"

	"node/kit"
)

type set struct {
	file     *os.File
	elements map[int64]bool // those in the set
	unsaved  []int64        // of them, those not yet on disk
}

func open() *set {
	file, err := os.OpenFile(filepath.Join(os.Getenv("EDDY_DATA"), "set"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		log.Fatal(err)
	}
	s := &set{file: file, elements: map[int64]bool{}}
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var element int64
		var end string
		if n, _ := fmt.Sscan(lines.Text(), &element, &end); n == 2 { // the end shows that the line is whole
			s.elements[element] = true
		}
	}
	return s
}

func (s *set) add(elements ...int64) {
	for _, e := range elements {
		if !s.elements[e] {
			s.elements[e] = true
			s.unsaved = append(s.unsaved, e)
		}
	}
}

func (s *set) save() {
	text := "\n" // ends a line that a kill cut short
	for _, e := range s.unsaved {
		text += fmt.Sprintf("%d .\n", e)
	}
	if len(s.unsaved) == 0 {
		return
	}
	if _, err := s.file.WriteString(text); err != nil {
		log.Fatal(err)
	}
	if err := s.file.Sync(); err != nil {
		log.Fatal(err)
	}
	s.unsaved = nil
}

func (s *set) list() []int64 {
	list := make([]int64, 0, len(s.elements))
	for e := range s.elements {
		list = append(list, e)
	}
	sort.Slice(list, func(i, j int) bool { return list[i] < list[j] })
	return list
}

func main() {
	later := len(os.Args) > 1 && os.Args[1] == "saves-later"
	s := open()
	n := kit.New()
	n.OnStart(func() {
		n.Every(100*time.Millisecond, func() {
			s.save()
			for _, peer := range n.Peers() {
				n.Send(peer, "gossip", kit.Fields{"elements": s.list()})
			}
		})
	})
	n.Handle("add", func(m kit.Message) error {
		var element int64
		if err := m.Get("element", &element); err != nil {
			return err
		}
		s.add(element)
		if !later {
			s.save()
		}
		return n.Reply(m, "add_ok", nil)
	})
	n.Handle("gossip", func(m kit.Message) error {
		var elements []int64
		if err := m.Get("elements", &elements); err != nil {
			return err
		}
		s.add(elements...)
		return nil
	})
	n.Handle("read", func(m kit.Message) error {
		return n.Reply(m, "read_ok", kit.Fields{"value": s.list()})
	})
	n.Run()
}
