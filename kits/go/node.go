// Package kit is a node of a simulated cluster: messages in, messages out, requests, timers, logs.
//
//	func main() {
//		n := kit.New()
//		n.Handle("echo", func(m kit.Message) error {
//			return n.Reply(m, "echo_ok", kit.Fields{"echo": m.Body["echo"]})
//		})
//		n.Run()
//	}
//
// The messages are those of docs/protocol.md: lines of JSON on stdin and stdout. The kit answers init
// itself.
//
// Every handler is a goroutine, but they take turns: one runs until it returns or waits in Call or
// Sleep, then the next. So a node's state needs no lock; only across a Call or a Sleep may others
// have changed it. In return, start goroutines of the node with n.Go, not with go, and wait with
// n.Sleep, not with time.Sleep. Timers and answers take turns in the same way.
package kit

import (
	"bufio"
	"bytes"
	"container/heap"
	crand "crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"os"
	"runtime/debug"
	"strconv"
	"time"
	"unicode/utf8"
)

// Error codes (docs/protocol.md). After Timeout, Crash or an unknown code the request may or may not
// have been carried out; after the others it certainly was not.
const (
	Timeout      = 0
	NodeNotFound = 1
	NotSupported = 10
	Unavailable  = 11
	Malformed    = 12
	Crash        = 13
	Abort        = 14
	NoKey        = 20
	KeyExists    = 21
	Precondition = 22
	Conflict     = 30
)

// RPCError is an error as a message: Call returns it for one that came, a handler to send one.
type RPCError struct {
	Code int
	Text string
}

func (e *RPCError) Error() string { return fmt.Sprintf("error %d: %s", e.Code, e.Text) }

// Fields are those of a body; type, msg_id and in_reply_to are put in by the kit.
type Fields map[string]any

// Message is one that came in. Values of the body keep their text, so they go out as they came.
type Message struct {
	Src, Dest, Type string
	Body            map[string]json.RawMessage
	id              *int64 // nil: it has no msg_id, so it cannot be answered
}

// Get decodes a field of the body into what value points to. Its error, if a handler returns it, tells
// the sender that the request is malformed.
func (m Message) Get(field string, value any) error {
	text, there := m.Body[field]
	if !there {
		return &RPCError{Malformed, m.Type + " needs a field " + field}
	}
	if err := json.Unmarshal(text, value); err != nil {
		return &RPCError{Malformed, "field " + field + ": " + err.Error()}
	}
	return nil
}

// Handler deals with a message. A *RPCError that it returns is sent as the answer, any other error
// as one with code Crash.
type Handler func(m Message) error

type answer struct {
	m   Message
	err error
}

type call struct {
	dest string
	wake chan answer
}

// Node is the program's own place in the cluster. ID and IDs are known once OnStart runs.
type Node struct {
	ID  string
	IDs []string // all names in the order of init, the same on all nodes

	handlers  map[string]Handler
	start     func()
	calls     map[int64]call
	timers    timers
	timerLast int64
	lastID    int64
	open      int           // handlers and timers that must end before the node does
	ended     bool          // the input
	turn      chan struct{} // given back by the goroutine that runs
}

func New() *Node {
	million, err := crand.Int(crand.Reader, big.NewInt(1000000))
	if err != nil {
		panic(err)
	}
	return &Node{
		handlers: map[string]Handler{},
		calls:    map[int64]call{},
		lastID:   million.Int64() * 1000000, // an answer to what we asked before a kill must not fit
		turn:     make(chan struct{}),
	}
}

// Handle says which function handles messages of a type.
func (n *Node) Handle(kind string, h Handler) { n.handlers[kind] = h }

// OnStart says what runs when the names are known, before init is answered.
func (n *Node) OnStart(f func()) { n.start = f }

// Peers are all names but our own.
func (n *Node) Peers() []string {
	var peers []string
	for _, name := range n.IDs {
		if name != n.ID {
			peers = append(peers, name)
		}
	}
	return peers
}

// Reply answers a message, if it wants an answer. The error is always nil: it is there so that a
// handler may end with "return n.Reply(...)".
func (n *Node) Reply(m Message, kind string, fields Fields) error {
	if m.id != nil {
		n.write(m.Src, kind, fields, Fields{"msg_id": n.nextID(), "in_reply_to": *m.id})
	}
	return nil
}

// Error answers with an error; so does a handler that returns a *RPCError.
func (n *Node) Error(m Message, code int, text string) error {
	return n.Reply(m, "error", Fields{"code": code, "text": text})
}

// Send sends a message that wants no answer.
func (n *Node) Send(dest, kind string, fields Fields) { n.write(dest, kind, fields, nil) }

// Call sends a request and waits for its answer. The error is a *RPCError: that of the answer, or
// Timeout. Nothing is sent again.
func (n *Node) Call(dest, kind string, fields Fields, timeout time.Duration) (Message, error) {
	id := n.nextID()
	c := call{dest, make(chan answer)}
	n.calls[id] = c
	timer := n.addTimer(timeout, false, func() {
		n.finish(id, answer{err: &RPCError{Timeout, dest + " did not answer in time"}})
	})
	n.write(dest, kind, fields, Fields{"msg_id": id})
	n.turn <- struct{}{} // others run now
	a := <-c.wake
	n.Cancel(timer)
	return a.m, a.err
}

// Sleep lets others run for so long.
func (n *Node) Sleep(d time.Duration) {
	wake := make(chan struct{})
	n.addTimer(d, false, func() {
		wake <- struct{}{}
		<-n.turn
	})
	n.turn <- struct{}{}
	<-wake
}

// Go runs f beside the handler that runs now, taking turns with it: f begins when this one waits.
func (n *Node) Go(f func()) { n.addTimer(0, !n.ended, func() { n.run(f) }) }

// After runs f once, Every again and again, counted from the end of the last time. f may wait.
func (n *Node) After(d time.Duration, f func()) *Timer {
	return n.addTimer(d, !n.ended, func() { n.run(f) })
}

func (n *Node) Every(d time.Duration, f func()) *Timer {
	t := &Timer{}
	var again func()
	again = func() {
		n.run(func() {
			f()
			if !t.cancelled {
				n.putTimer(t, d, false, again)
			}
		})
	}
	n.putTimer(t, d, false, again)
	return t
}

// Cancel is fine if the timer has fired.
func (n *Node) Cancel(t *Timer) {
	t.cancelled = true
	if t.index >= 0 {
		heap.Remove(&n.timers, t.index)
		n.release(t)
	}
}

// Log writes one line to stderr, which the harness keeps per node. stdout is for messages only.
func (n *Node) Log(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }

// Run is the node's life: it reads messages until the end of the input and of everything that is
// open then.
func (n *Node) Run() {
	lines := make(chan []byte)
	go readLines(lines)
	for !n.ended || n.open > 0 {
		wait := &time.Timer{} // fires never
		if len(n.timers) > 0 {
			wait = time.NewTimer(time.Until(n.timers[0].due))
		}
		select {
		case line, more := <-lines:
			n.fire() // what is due comes first, however select chose
			if more {
				n.line(line)
			} else {
				n.ended, lines = true, nil
			}
		case <-wait.C:
			n.fire()
		}
		if wait.C != nil {
			wait.Stop()
		}
	}
}

// Inside: turns. The loop of Run starts a goroutine or wakes one, and waits until it gives the turn
// back: because it has returned, or because it waits for something that the loop will give it.

func (n *Node) run(f func()) {
	n.open++
	go func() {
		f()
		n.open--
		n.turn <- struct{}{}
	}()
	<-n.turn
}

func (n *Node) finish(id int64, a answer) {
	c := n.calls[id]
	delete(n.calls, id)
	c.wake <- a
	<-n.turn
}

// Inside: messages.

func (n *Node) nextID() int64 {
	n.lastID++
	return n.lastID
}

func (n *Node) write(dest, kind string, fields, ids Fields) {
	body := Fields{}
	for key, value := range fields {
		body[key] = value
	}
	for key, value := range ids {
		body[key] = value
	}
	body["type"] = kind
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // < needs no six bytes
	if err := encoder.Encode(Fields{"src": n.ID, "dest": dest, "body": body}); err != nil {
		panic(err) // a handler's mistake, such as a channel for a value
	}
	if _, err := os.Stdout.Write(line.Bytes()); err != nil {
		os.Exit(1) // the harness is gone
	}
}

func readLines(lines chan<- []byte) {
	in := bufio.NewReaderSize(os.Stdin, 1<<16)
	for {
		line, err := in.ReadBytes('\n')
		if err != nil { // what follows the last newline is no line
			if err != io.EOF {
				fmt.Fprintln(os.Stderr, err)
			}
			close(lines)
			return
		}
		lines <- line
	}
}

// text is the string that a value is, if it is one.
func text(value json.RawMessage) (s string, ok bool) {
	return s, len(value) > 0 && value[0] == '"' && json.Unmarshal(value, &s) == nil
}

// parse looks at names of keys as they are; decoding into a struct would take "Type" for "type".
func parse(line []byte) (m Message, err error) {
	var envelope map[string]json.RawMessage
	if !utf8.Valid(line) {
		return m, errors.New("not UTF-8")
	}
	if err := json.Unmarshal(line, &envelope); err != nil {
		return m, err
	}
	var isText [2]bool
	m.Src, isText[0] = text(envelope["src"])
	m.Dest, isText[1] = text(envelope["dest"])
	if !isText[0] || !isText[1] {
		return m, errors.New("src or dest is not a string")
	}
	if err := json.Unmarshal(envelope["body"], &m.Body); err != nil || m.Body == nil {
		return m, errors.New("the body is not an object")
	}
	if id, err := strconv.ParseInt(string(m.Body["msg_id"]), 10, 64); err == nil {
		m.id = &id
	}
	return m, nil
}

func (n *Node) line(line []byte) {
	m, err := parse(line)
	if err != nil {
		n.Log("a line that is no message was left out: %v", err)
		return
	}
	var hasType bool
	m.Type, hasType = text(m.Body["type"])
	handler := n.handlers[m.Type]
	reply, isReply := m.Body["in_reply_to"]
	switch {
	case isReply:
		n.answered(m, string(reply))
	case m.Type == "error":
		n.Log("an error that answers nothing was left out")
	case m.Type == "init" && n.ID == "":
		n.run(func() { n.guard(m, n.init) })
	case n.ID == "":
		// Another node was faster than our init; it will have to say it again.
	case m.Dest != n.ID:
		n.Log("a message to %q was left out: this is %s", m.Dest, n.ID)
	case !hasType:
		n.Error(m, Malformed, "the body has no type")
	case handler == nil:
		n.Error(m, NotSupported, "this node does not know requests of type "+m.Type)
	default:
		n.run(func() { n.guard(m, handler) })
	}
}

func (n *Node) init(m Message) error {
	if err := m.Get("node_id", &n.ID); err != nil {
		return err
	}
	if err := m.Get("node_ids", &n.IDs); err != nil {
		return err
	}
	if n.start != nil {
		n.start()
	}
	return n.Reply(m, "init_ok", nil)
}

func (n *Node) answered(m Message, inReplyTo string) {
	id, err := strconv.ParseInt(inReplyTo, 10, 64)
	c, open := n.calls[id]
	if err != nil || !open || c.dest != m.Src {
		return // late, or a second one
	}
	a := answer{m: m}
	if m.Type == "error" {
		e := &RPCError{Code: Crash}
		json.Unmarshal(m.Body["code"], &e.Code)
		json.Unmarshal(m.Body["text"], &e.Text)
		a.err = e
	}
	n.finish(id, a)
}

// guard runs a handler; an error or a panic in it is the answer.
func (n *Node) guard(m Message, h Handler) {
	defer func() {
		if p := recover(); p != nil {
			n.Log("%v\n%s", p, debug.Stack())
			n.Error(m, Crash, fmt.Sprint(p))
		}
	}()
	err := h(m)
	var e *RPCError
	if errors.As(err, &e) {
		n.Error(m, e.Code, e.Text)
	} else if err != nil {
		n.Log("%s: %v", m.Type, err)
		n.Error(m, Crash, err.Error())
	}
}

// Inside: timers, a heap: the first is due next. Those of equal time fire in the order of their making.

type Timer struct {
	due       time.Time
	number    int64
	index     int // in the heap; -1: in it no more
	held      bool
	cancelled bool
	f         func()
}

type timers []*Timer

func (t timers) Len() int { return len(t) }
func (t timers) Less(i, j int) bool {
	if t[i].due.Equal(t[j].due) {
		return t[i].number < t[j].number
	}
	return t[i].due.Before(t[j].due)
}
func (t timers) Swap(i, j int) {
	t[i], t[j] = t[j], t[i]
	t[i].index, t[j].index = i, j
}
func (t *timers) Push(x any) {
	x.(*Timer).index = len(*t)
	*t = append(*t, x.(*Timer))
}
func (t *timers) Pop() any {
	last := (*t)[len(*t)-1]
	*t = (*t)[:len(*t)-1]
	last.index = -1
	return last
}

// held: the node does not end before it has fired.
func (n *Node) addTimer(d time.Duration, held bool, f func()) *Timer {
	t := &Timer{}
	n.putTimer(t, d, held, f)
	return t
}

func (n *Node) putTimer(t *Timer, d time.Duration, held bool, f func()) {
	n.timerLast++
	t.due, t.number, t.held, t.f = time.Now().Add(d), n.timerLast, held, f
	if held {
		n.open++
	}
	heap.Push(&n.timers, t)
}

func (n *Node) release(t *Timer) {
	if t.held {
		t.held = false
		n.open--
	}
}

func (n *Node) fire() {
	for len(n.timers) > 0 && time.Until(n.timers[0].due) <= 0 {
		t := heap.Pop(&n.timers).(*Timer)
		t.f()
		n.release(t)
	}
}
