// node.cpp - the event loop: wait for input or for the next timer, run what is due, handle whole lines.
#include "node.hpp"

#include <cerrno>
#include <climits>
#include <cstdlib>
#include <iostream>
#include <poll.h>
#include <random>
#include <unistd.h>

const Json &Message::need(const std::string &field) const {
    if (!body.has(field))
        throw RpcError(Code::malformed, type + " needs a field " + field);
    return body[field];
}

// Each start begins at another million: an answer to what was asked before a kill must not fit.
Node::Node() : last_msg_id(std::int64_t{1000000} * (std::random_device()() % 1000000)) {}

// Set-up and names

void Node::on(const std::string &type, Handler handler) { handlers[type] = std::move(handler); }

void Node::on_start(std::function<void()> f) { start = std::move(f); }

std::vector<std::string> Node::peers() const {
    std::vector<std::string> others;
    for (const std::string &name : names)
        if (name != self)
            others.push_back(name);
    return others;
}

void Node::log(const std::string &line) { std::cerr << line + "\n" << std::flush; }

// Messages

void Node::write(const std::string &dest, Json body) {
    Json envelope = {{"src", self}, {"dest", dest}, {"body", std::move(body)}};
    std::cout << envelope.dump() << "\n" << std::flush;
    if (!std::cout)
        std::exit(1); // the harness is gone
}

void Node::reply(const Message &m, const std::string &type, Json fields) {
    if (!m.msg_id)
        return; // it asked for no answer
    fields.set("type", type);
    fields.set("msg_id", ++last_msg_id);
    fields.set("in_reply_to", *m.msg_id);
    write(m.src, std::move(fields));
}

void Node::error(const Message &m, Code code, const std::string &text) {
    reply(m, "error", {{"code", static_cast<int>(code)}, {"text", text}});
}

void Node::send(const std::string &dest, const std::string &type, Json fields) {
    fields.set("type", type);
    write(dest, std::move(fields));
}

void Node::call(const std::string &dest, const std::string &type, Json fields, int timeout_ms,
                std::function<void(const Answer &)> answered) {
    std::int64_t msg_id = ++last_msg_id;
    fields.set("type", type);
    fields.set("msg_id", msg_id);
    Timer timeout = add_timer(timeout_ms, 0, [this, msg_id] {
        Call call = std::move(calls.at(msg_id));
        calls.erase(msg_id);
        call.answered(Answer{false, {}, Code::timeout, call.dest + " did not answer in time"});
    });
    calls[msg_id] = Call{dest, timeout, std::move(answered)};
    write(dest, std::move(fields));
}

void Node::answered(const Message &m) {
    auto found = calls.find(m.body["in_reply_to"].to_int(-1));
    if (found == calls.end() || found->second.dest != m.src)
        return; // late, or a second one
    Call call = std::move(found->second);
    calls.erase(found);
    cancel(call.timeout);
    bool ok = m.type != "error";
    Code code = static_cast<Code>(m.body["code"].to_int(static_cast<int>(Code::crash)));
    guard(nullptr, [&] { call.answered(Answer{ok, m, code, m.body["text"].text()}); });
}

// Timers

Node::Timer Node::add_timer(int ms, int every_ms, std::function<void()> f) {
    Timer timer = ++last_timer;
    Clock::time_point due = Clock::now() + std::chrono::milliseconds(ms);
    bool hold = every_ms == 0 && !ended;
    timers[{due, timer}] = Waiting{std::move(f), every_ms, hold};
    due_of[timer] = due;
    held += hold;
    return timer;
}

Node::Timer Node::after(int ms, std::function<void()> f) { return add_timer(ms, 0, std::move(f)); }

Node::Timer Node::every(int ms, std::function<void()> f) {
    return add_timer(ms, ms < 1 ? 1 : ms, std::move(f));
}

void Node::cancel(Timer timer) {
    auto found = due_of.find(timer);
    if (found == due_of.end())
        return;
    auto waiting = timers.find({found->second, timer});
    held -= waiting->second.held;
    timers.erase(waiting);
    due_of.erase(found);
}

void Node::run_timers() {
    Clock::time_point now = Clock::now();
    while (!timers.empty() && timers.begin()->first.first <= now) {
        Timer timer = timers.begin()->first.second;
        Waiting w = timers.begin()->second;
        if (w.every_ms > 0) { // late, as after a pause, it runs once and not once a missed time
            timers.erase(timers.begin());
            due_of[timer] = now + std::chrono::milliseconds(w.every_ms);
            timers[{due_of[timer], timer}] = w;
        } else {
            cancel(timer);
        }
        guard(nullptr, w.f);
    }
}

// Milliseconds until the next timer, rounded up; -1: there is none.
int Node::wait_ms() const {
    if (timers.empty())
        return -1;
    auto wait = std::chrono::ceil<std::chrono::milliseconds>(timers.begin()->first.first - Clock::now());
    return static_cast<int>(std::min<std::int64_t>(std::max<std::int64_t>(wait.count(), 0), INT_MAX));
}

// Input

// Runs a function of the program's; an exception in it is m's answer, or goes to the log.
void Node::guard(const Message *m, const std::function<void()> &f) {
    try {
        f();
    } catch (const RpcError &e) {
        if (m != nullptr)
            error(*m, e.code, e.what());
        else
            log(e.what());
    } catch (const std::exception &e) {
        log(e.what());
        if (m != nullptr)
            error(*m, Code::crash, e.what());
    }
}

void Node::init(const Message &m) {
    for (const Json &name : m.need("node_ids").items())
        names.push_back(name.text());
    self = m.need("node_id").text();
    if (start)
        start();
    reply(m, "init_ok");
}

void Node::dispatch(const Message &m) {
    auto handler = handlers.find(m.type);
    if (m.body.has("in_reply_to"))
        answered(m);
    else if (m.type == "error")
        log("an error that answers nothing was left out");
    else if (m.type == "init" && self.empty())
        guard(&m, [&] { init(m); });
    else if (self.empty())
        return; // another node was faster than our init; it will have to say it again
    else if (m.dest != self)
        log("a message to " + m.dest + " was left out: this is " + self);
    else if (!m.body["type"].is_string())
        error(m, Code::malformed, "the body has no type");
    else if (handler == handlers.end())
        error(m, Code::not_supported, "this node does not know requests of type " + m.type);
    else
        guard(&m, [&] { handler->second(m); });
}

void Node::line(std::string_view text) {
    Json envelope;
    try {
        envelope = Json::parse(text);
    } catch (const JsonError &e) {
        log(std::string("a line that is no message was left out: ") + e.what());
        return;
    }
    const Json &src = envelope["src"], &dest = envelope["dest"], &body = envelope["body"];
    if (!src.is_string() || !dest.is_string() || !body.is_object()) {
        log("a line that is no message was left out: src, dest or body is missing");
        return;
    }
    Message m{src.text(), dest.text(), body["type"].text(), body, {}};
    if (body["msg_id"].is_int())
        m.msg_id = body["msg_id"].to_int();
    dispatch(m);
}

void Node::read() {
    char buffer[1 << 16];
    ssize_t n = ::read(STDIN_FILENO, buffer, sizeof(buffer));
    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        ended = true; // what follows the last newline is no line
        return;
    }
    std::size_t seen = rest.size(), from = 0, end;
    rest.append(buffer, static_cast<std::size_t>(n));
    while ((end = rest.find('\n', seen)) != std::string::npos) {
        line(std::string_view(rest).substr(from, end - from));
        from = seen = end + 1;
    }
    rest.erase(0, from);
}

int Node::run() {
    while (!ended || held > 0) {
        pollfd in = {ended ? -1 : STDIN_FILENO, POLLIN, 0}; // -1: poll leaves it out
        int ready = poll(&in, 1, wait_ms());
        run_timers();
        if (ready > 0)
            read();
    }
    return 0;
}
