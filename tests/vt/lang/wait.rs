// Waits in the ways that Rust programs wait, and says how long each took.
use std::collections::HashMap;
use std::process::Command;
use std::sync::{mpsc, Arc, Barrier, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

fn took<T>(name: &str, wait: impl FnOnce() -> T) {
    let start = Instant::now();
    wait();
    println!("{} {} ms", name, start.elapsed().as_millis());
}

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn main() {
    took("sleep", || thread::sleep(ms(25)));
    let (tx, rx) = mpsc::channel();
    took("recv_timeout", || rx.recv_timeout(ms(35)).is_err());
    thread::spawn(move || {
        thread::sleep(ms(45));
        tx.send(1).unwrap();
    });
    took("recv", || rx.recv().unwrap());
    let pair = Arc::new((Mutex::new(false), Condvar::new()));
    took("wait_timeout", || pair.1.wait_timeout(pair.0.lock().unwrap(), ms(55)).unwrap().1.timed_out());
    let other = pair.clone();
    thread::spawn(move || {
        thread::sleep(ms(65));
        *other.0.lock().unwrap() = true;
        other.1.notify_one();
    });
    took("Condvar", || drop(pair.1.wait_while(pair.0.lock().unwrap(), |set| !*set).unwrap()));
    took("join", || thread::spawn(|| thread::sleep(ms(75))).join().unwrap());
    took("park_timeout", || thread::park_timeout(ms(85)));
    let barrier = Arc::new(Barrier::new(8));
    took("barrier", || {
        let all: Vec<_> = (0..8)
            .map(|i| {
                let b = barrier.clone();
                thread::spawn(move || {
                    thread::sleep(ms(i * 10));
                    b.wait();
                })
            })
            .collect();
        all.into_iter().for_each(|t| t.join().unwrap());
    });
    took("process", || Command::new("sleep").arg("0.2").status().unwrap());
    let map: HashMap<u32, u32> = (0..5).map(|i| (i, i)).collect();
    println!("~ {:?} {:?}", map.keys().collect::<Vec<_>>(), SystemTime::now());
}
