// Waits in the ways that Go programs wait, and says how long each took.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"os/exec"
	"sync"
	"time"
)

func took(name string, wait func()) {
	start := time.Now()
	wait()
	fmt.Println(name, time.Since(start).Milliseconds(), "ms")
}

func main() {
	took("Sleep", func() { time.Sleep(25 * time.Millisecond) })
	took("After", func() { <-time.After(35 * time.Millisecond) })
	took("select", func() {
		select {
		case <-make(chan int):
		case <-time.After(45 * time.Millisecond):
		}
	})
	took("three ticks", func() {
		ticker := time.NewTicker(30 * time.Millisecond)
		for i := 0; i < 3; i++ {
			<-ticker.C
		}
		ticker.Stop()
	})
	took("context", func() {
		ctx, cancel := context.WithTimeout(context.Background(), 55*time.Millisecond)
		<-ctx.Done()
		cancel()
	})
	took("WaitGroup of 100", func() {
		var group sync.WaitGroup
		for i := 0; i < 100; i++ {
			group.Add(1)
			go func(ms int) { time.Sleep(time.Duration(ms) * time.Millisecond); group.Done() }(i)
		}
		group.Wait()
	})
	took("Cond", func() {
		cond := sync.NewCond(&sync.Mutex{})
		cond.L.Lock()
		time.AfterFunc(65*time.Millisecond, func() { cond.L.Lock(); cond.Signal(); cond.L.Unlock() })
		cond.Wait()
		cond.L.Unlock()
	})
	took("ping pong", func() {
		ping, pong := make(chan int), make(chan int)
		go func() {
			for v := range ping {
				pong <- v + 1
			}
		}()
		for i := 0; i < 1000; i++ {
			ping <- i
			<-pong
		}
	})
	took("process", func() { exec.Command("sleep", "0.2").Run() })
	took("process killed", func() {
		ctx, cancel := context.WithTimeout(context.Background(), 75*time.Millisecond)
		exec.CommandContext(ctx, "sleep", "9").Run()
		cancel()
	})
	bytes := make([]byte, 8)
	rand.Read(bytes)
	keys := ""
	for k := range map[string]int{"a": 1, "b": 2, "c": 3, "d": 4} {
		keys += k
	}
	fmt.Println("~", bytes, keys, time.Now().UnixNano())
}
