// node.hpp - a node of a simulated cluster: messages in, messages out, requests, timers, logs.
//
//     int main() {
//         Node node;
//         node.on("echo", [&](const Message &m) {
//             node.reply(m, "echo_ok", {{"echo", m.body["echo"]}});
//         });
//         return node.run();
//     }
//
// The messages are those of docs/protocol.md: lines of JSON on stdin and stdout. The kit answers init
// itself. One thread: handlers, timers and answers run one after the other and must not block. What
// has to happen later is a function given to call() or after(); it may capture a copy of the message.
#pragma once

#include "json.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

// Error codes (docs/protocol.md). After timeout, crash or an unknown code the request may or may not
// have been carried out; after the others it certainly was not.
enum class Code {
    timeout = 0,
    node_not_found = 1,
    not_supported = 10,
    unavailable = 11,
    malformed = 12,
    crash = 13,
    abort = 14,
    no_key = 20,
    key_exists = 21,
    precondition = 22,
    conflict = 30,
};

// Thrown by a handler, it is sent as the answer.
struct RpcError : std::runtime_error {
    Code code;
    RpcError(Code code, const std::string &text) : std::runtime_error(text), code(code) {}
};

// A message that came in. Without msg_id it cannot be answered.
struct Message {
    std::string src, dest, type;
    Json body; // always an object
    std::optional<std::int64_t> msg_id;

    // The field of the body; RpcError malformed if it is not there.
    const Json &need(const std::string &field) const;
};

// How a call ended: ok, and m is the answer; or not, and code and text say why (no answer in time: timeout).
struct Answer {
    bool ok;
    Message m;
    Code code;
    std::string text;
};

class Node {
  public:
    using Handler = std::function<void(const Message &)>;
    using Timer = std::int64_t;

    Node();

    // Set-up, before run().
    void on(const std::string &type, Handler handler);
    void on_start(std::function<void()> start); // runs when the names are known, before init is answered
    int run(); // reads until the end of the input and of everything that is open then; 0

    // Who is who; known from start on. Names are in the order of init, the same on all nodes.
    const std::string &id() const { return self; }
    const std::vector<std::string> &ids() const { return names; }
    std::vector<std::string> peers() const; // all names but our own

    // Messages. fields are those of the body; type, msg_id and in_reply_to are put in.
    void reply(const Message &m, const std::string &type, Json fields = Json::object());
    void error(const Message &m, Code code, const std::string &text);
    void send(const std::string &dest, const std::string &type, Json fields = Json::object());
    // A request: answered runs exactly once. Nothing is sent again.
    void call(const std::string &dest, const std::string &type, Json fields, int timeout_ms,
              std::function<void(const Answer &)> answered);

    // Timers.
    Timer after(int ms, std::function<void()> f);
    Timer every(int ms, std::function<void()> f);
    void cancel(Timer timer); // fine if it has fired

    // One line on stderr, which the harness keeps per node. stdout is for messages only.
    void log(const std::string &line);

  private:
    using Clock = std::chrono::steady_clock;
    using Due = std::pair<Clock::time_point, Timer>; // equal times: in the order of their making
    struct Waiting {
        std::function<void()> f;
        int every_ms; // 0: once
        bool held;    // the node does not end before it has fired
    };
    struct Call {
        std::string dest;
        Timer timeout;
        std::function<void(const Answer &)> answered;
    };

    std::string self;
    std::vector<std::string> names;
    std::map<std::string, Handler> handlers;
    std::function<void()> start;
    std::map<std::int64_t, Call> calls;
    std::map<Due, Waiting> timers;
    std::map<Timer, Clock::time_point> due_of;
    Timer last_timer = 0;
    std::int64_t last_msg_id;
    std::string rest; // the beginning of a line whose end is still to come
    bool ended = false;
    int held = 0;

    void write(const std::string &dest, Json body);
    Timer add_timer(int ms, int every_ms, std::function<void()> f);
    void run_timers();
    int wait_ms() const;
    void read();
    void line(std::string_view text);
    void dispatch(const Message &m);
    void answered(const Message &m);
    void guard(const Message *m, const std::function<void()> &f);
    void init(const Message &m);
};
