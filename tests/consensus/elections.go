// Leader election by Raft, sections 5.1 and 5.2: one goroutine reads lines, another owns the node's
// whole state and selects between messages and its timer. README.md has the messages.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"log"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

const (
	electionAtLeast = 150 * time.Millisecond
)

// 50 ms, or HEARTBEAT_MS of the environment.
var heartbeatEvery = func() time.Duration {
	if ms, err := strconv.Atoi(os.Getenv("HEARTBEAT_MS")); err == nil {
		return time.Duration(ms) * time.Millisecond
	}
	return 50 * time.Millisecond
}()

// Body holds the fields of every kind of message; absent ones keep their zero.
type Body struct {
	Type      string          `json:"type"`
	MsgID     int64           `json:"msg_id,omitempty"`
	InReplyTo int64           `json:"in_reply_to,omitempty"`
	NodeID    string          `json:"node_id,omitempty"`
	NodeIDs   []string        `json:"node_ids,omitempty"`
	Term      *int64          `json:"term,omitempty"`
	Granted   *bool           `json:"granted,omitempty"`
	Role      string          `json:"role,omitempty"`
	Leader    *string         `json:"leader,omitempty"`
	Echo      json.RawMessage `json:"echo,omitempty"`
	Rounds    int64           `json:"rounds,omitempty"`
	Value     *uint32         `json:"value,omitempty"`
}

type Message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body Body   `json:"body"`
}

// Disk keeps term and vote, a line each time they change. A nil file keeps nothing.
type Disk struct{ file *os.File }

func openDisk() *Disk {
	folder := os.Getenv("EDDY_DATA")
	if folder == "" {
		return &Disk{}
	}
	file, err := os.OpenFile(filepath.Join(folder, "votes"), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	return &Disk{file}
}

func (d *Disk) load() (term int64, vote string) {
	if d.file == nil {
		return 0, ""
	}
	text, err := os.ReadFile(d.file.Name())
	if err != nil {
		log.Fatal(err)
	}
	// What follows the last newline was cut off by a kill: nobody has been told of it.
	whole := text[:bytes.LastIndexByte(text, '\n')+1]
	if err := d.file.Truncate(int64(len(whole))); err != nil {
		log.Fatal(err)
	}
	lines := bytes.Split(whole, []byte("\n"))
	if len(lines) >= 2 {
		fmt.Sscan(string(lines[len(lines)-2]), &term, &vote)
	}
	return term, vote
}

func (d *Disk) save(term int64, vote string) {
	if d.file == nil {
		return
	}
	if _, err := fmt.Fprintln(d.file, term, vote); err != nil {
		log.Fatal(err)
	}
	if err := d.file.Sync(); err != nil {
		log.Fatal(err)
	}
}

type Node struct {
	out    *json.Encoder
	disk   *Disk
	timer  *time.Timer
	name   string
	others []string
	role   string
	term   int64
	vote   string // "": none yet in this term
	leader string // "": none known
	votes  map[string]bool
}

func (n *Node) send(dest string, body Body) {
	if err := n.out.Encode(Message{n.name, dest, body}); err != nil {
		log.Fatal(err)
	}
}

func (n *Node) reply(m Message, body Body) {
	body.InReplyTo = m.Body.MsgID
	n.send(m.Src, body)
}

func (n *Node) remember(term int64, vote string) {
	n.term, n.vote = term, vote
	n.disk.save(term, vote)
}

func (n *Node) restartTimer(d time.Duration) {
	if !n.timer.Stop() {
		select {
		case <-n.timer.C:
		default:
		}
	}
	n.timer.Reset(d)
}

func (n *Node) restartElectionTimer() {
	n.restartTimer(electionAtLeast + time.Duration(rand.Int63n(int64(electionAtLeast))))
}

func (n *Node) follow(leader string) {
	n.role, n.leader = "follower", leader
	n.restartElectionTimer()
}

func (n *Node) tellOthers(kind string) {
	for _, other := range n.others {
		n.send(other, Body{Type: kind, Term: &n.term})
	}
}

func (n *Node) heartbeat() {
	n.tellOthers("append")
	n.restartTimer(heartbeatEvery)
}

func (n *Node) stand() {
	n.remember(n.term+1, n.name)
	n.role, n.leader = "candidate", ""
	n.votes = map[string]bool{n.name: true}
	n.restartElectionTimer()
	n.tellOthers("request_vote")
	n.countVotes()
}

func (n *Node) countVotes() {
	if 2*len(n.votes) > len(n.others)+1 {
		n.role, n.leader = "leader", n.name
		log.Printf("leader of term %d", n.term)
		n.heartbeat()
	}
}

func (n *Node) onInit(m Message) {
	n.name = m.Body.NodeID
	for _, name := range m.Body.NodeIDs {
		if name != n.name {
			n.others = append(n.others, name)
		}
	}
	n.term, n.vote = n.disk.load()
	n.follow("")
	n.reply(m, Body{Type: "init_ok"})
}

func (n *Node) onRequestVote(m Message, term int64) {
	granted := term == n.term && (n.vote == "" || n.vote == m.Src)
	if granted {
		if n.vote == "" {
			n.remember(n.term, m.Src)
		}
		n.restartElectionTimer()
	}
	n.send(m.Src, Body{Type: "vote", Term: &n.term, Granted: &granted})
}

func (n *Node) onVote(m Message, term int64) {
	if n.role == "candidate" && term == n.term && m.Body.Granted != nil && *m.Body.Granted {
		n.votes[m.Src] = true
		n.countVotes()
	}
}

func (n *Node) onAppend(m Message, term int64) {
	if term == n.term {
		n.follow(m.Src)
	}
	n.send(m.Src, Body{Type: "append_ok", Term: &n.term})
}

func work(rounds int64) uint32 {
	x := uint32(1)
	for ; rounds > 0; rounds-- {
		x ^= x << 13
		x ^= x >> 17
		x ^= x << 5
	}
	return x
}

func (n *Node) handle(m Message) {
	if n.name == "" && m.Body.Type != "init" {
		return // the others may be faster than we are
	}
	term := int64(0)
	if m.Body.Term != nil {
		term = *m.Body.Term
	}
	if term > n.term { // 5.1
		n.remember(term, "")
		n.follow("")
	}
	switch m.Body.Type {
	case "init":
		n.onInit(m)
	case "request_vote":
		n.onRequestVote(m, term)
	case "vote":
		n.onVote(m, term)
	case "append":
		n.onAppend(m, term)
	case "role":
		n.reply(m, Body{Type: "role_ok", Role: n.role, Term: &n.term, Leader: &n.leader})
	case "echo":
		n.reply(m, Body{Type: "echo_ok", Echo: m.Body.Echo})
	case "work":
		value := work(m.Body.Rounds)
		n.reply(m, Body{Type: "work_ok", Value: &value})
	}
}

func readMessages(messages chan<- Message) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20+1)
	for lines.Scan() {
		var m Message
		if err := json.Unmarshal(lines.Bytes(), &m); err != nil {
			log.Fatal(err)
		}
		messages <- m
	}
	close(messages)
}

func main() {
	rand.Seed(time.Now().UnixNano())
	n := &Node{out: json.NewEncoder(os.Stdout), disk: openDisk(), timer: time.NewTimer(time.Hour)}
	messages := make(chan Message)
	go readMessages(messages)
	for {
		select {
		case m, more := <-messages:
			if !more {
				return
			}
			n.handle(m)
		case <-n.timer.C:
			if n.role == "leader" {
				n.heartbeat()
			} else {
				n.stand()
			}
		}
	}
}
