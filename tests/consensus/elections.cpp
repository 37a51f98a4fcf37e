// Leader election by Raft, sections 5.1 and 5.2: a thread reads lines into a queue, the main thread
// waits for the queue or for its timer, whichever is first. README.md has the messages.
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// 50 ms, or HEARTBEAT_MS of the environment.
const auto heartbeat_every = [] {
    const char *ms = std::getenv("HEARTBEAT_MS");
    return std::chrono::milliseconds(ms != nullptr ? std::stoi(ms) : 50);
}();
constexpr auto election_at_least = 150ms;

// As much of JSON as messages need: where values begin and end. A value stays the text it was, so
// that an echo is the same bytes.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    std::map<std::string, std::string_view> object()
    {
        std::map<std::string, std::string_view> members;
        for (bool more = open('{', '}'); more; more = next(',', '}')) {
            std::string key = string();
            expect(':');
            members[key] = value();
        }
        return members;
    }

    std::vector<std::string> strings()
    {
        std::vector<std::string> list;
        for (bool more = open('[', ']'); more; more = next(',', ']'))
            list.push_back(string());
        return list;
    }

    // Names and types, all of them plain; an escape may stand in values only.
    std::string string()
    {
        std::string_view quoted = value();
        if (quoted.size() < 2 || quoted.front() != '"' || quoted.find('\\') != quoted.npos)
            throw std::runtime_error("not a plain string: " + std::string(quoted));
        return std::string(quoted.substr(1, quoted.size() - 2));
    }

private:
    char peek()
    {
        at_ = text_.find_first_not_of(" \t\r\n", at_);
        if (at_ == text_.npos)
            throw std::runtime_error("the text ends too early");
        return text_[at_];
    }

    void expect(char c)
    {
        if (peek() != c)
            throw std::runtime_error(std::string("expected ") + c);
        at_++;
    }

    bool open(char first, char last)
    {
        expect(first);
        bool empty = peek() == last;
        at_ += empty;
        return !empty;
    }

    bool next(char separator, char last)
    {
        bool ends = peek() == last;
        expect(ends ? last : separator);
        return !ends;
    }

    // One value of any kind: brackets are counted, those in strings are not brackets.
    std::string_view value()
    {
        peek();
        std::size_t begin = at_;
        int depth = 0;
        for (bool quoted = false; at_ < text_.size(); at_++) {
            char c = text_[at_];
            if (quoted && c == '\\')
                at_++;
            else if (c == '"')
                quoted = !quoted;
            else if (!quoted && (c == '{' || c == '['))
                depth++;
            else if (!quoted && (c == '}' || c == ']') && depth-- == 0)
                break;
            else if (!quoted && depth == 0 && (c == ',' || c == ':'))
                break;
        }
        std::size_t end = text_.find_last_not_of(" \t\r\n", at_ - 1);
        return text_.substr(begin, end + 1 - begin);
    }

    std::string_view text_;
    std::size_t at_ = 0;
};

struct Message {
    std::string src;
    std::string type;
    std::string line; // the values in body point into it
    std::map<std::string, std::string_view> body;

    std::int64_t number(const std::string &key) const
    {
        auto found = body.find(key);
        return found == body.end() ? 0 : std::stoll(std::string(found->second));
    }
};

// Lines from stdin, in the order they came.
class Inbox {
public:
    void put(std::optional<std::string> line)
    {
        std::lock_guard lock(mutex_);
        lines_.push_back(std::move(line));
        changed_.notify_one();
    }

    // False: it is due and nothing has come. An empty optional is the end of stdin.
    bool take(Clock::time_point due, std::optional<std::string> &line)
    {
        std::unique_lock lock(mutex_);
        if (!changed_.wait_until(lock, due, [this] { return !lines_.empty(); }))
            return false;
        line = std::move(lines_.front());
        lines_.pop_front();
        return true;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::optional<std::string>> lines_;
};

// Term and vote, a line each time they change, on disk before anything is sent.
class Disk {
public:
    Disk()
    {
        if (const char *folder = std::getenv("EDDY_DATA"))
            path_ = std::string(folder) + "/votes";
        if (!path_.empty() && (fd_ = open(path_.c_str(), O_RDWR | O_CREAT | O_APPEND, 0644)) < 0)
            throw std::runtime_error("cannot open " + path_);
    }

    void load(std::int64_t &term, std::string &vote)
    {
        std::stringstream text;
        text << std::ifstream(path_).rdbuf();
        // What follows the last newline was cut off by a kill: nobody has been told of it.
        std::string whole = text.str().substr(0, text.str().rfind('\n') + 1);
        if (fd_ < 0 || whole.empty())
            return;
        if (ftruncate(fd_, static_cast<off_t>(whole.size())) != 0)
            throw std::runtime_error("cannot cut " + path_);
        std::size_t line = whole.size() < 2 ? 0 : whole.rfind('\n', whole.size() - 2) + 1;
        std::istringstream(whole.substr(line)) >> term >> vote;
    }

    void save(std::int64_t term, const std::string &vote)
    {
        std::string line = std::to_string(term) + " " + vote + "\n";
        if (fd_ >= 0 && (write(fd_, line.data(), line.size()) < 0 || fsync(fd_) != 0))
            throw std::runtime_error("cannot write " + path_);
    }

private:
    std::string path_;
    int fd_ = -1;
};

class Node {
public:
    Clock::time_point due() const { return due_; }

    void on_timer()
    {
        if (name_.empty())
            due_ = Clock::now() + 1h;
        else if (role_ == "leader")
            heartbeat();
        else
            stand();
    }

    void handle(const Message &m)
    {
        if (name_.empty() && m.type != "init")
            return; // the others may be faster than we are
        std::int64_t term = m.number("term");
        if (term > term_) { // 5.1
            remember(term, "");
            follow("");
        }
        if (m.type == "init")
            on_init(m);
        else if (m.type == "request_vote")
            on_request_vote(m, term);
        else if (m.type == "vote")
            on_vote(m, term);
        else if (m.type == "append")
            on_append(m, term);
        else if (m.type == "role")
            reply(m, "role_ok", R"(,"role":")" + role_ + R"(","leader":")" + leader_ +
                                    R"(","term":)" + std::to_string(term_));
        else if (m.type == "echo")
            reply(m, "echo_ok", R"(,"echo":)" + std::string(m.body.at("echo")));
        else if (m.type == "work")
            reply(m, "work_ok", R"(,"value":)" + std::to_string(work(m.number("rounds"))));
    }

private:
    void send(const std::string &dest, const std::string &type, const std::string &fields)
    {
        std::cout << R"({"src":")" << name_ << R"(","dest":")" << dest << R"(","body":{"type":")" << type
                  << '"' << fields << "}}" << std::endl;
    }

    void reply(const Message &m, const std::string &type, const std::string &fields)
    {
        send(m.src, type, R"(,"in_reply_to":)" + std::to_string(m.number("msg_id")) + fields);
    }

    std::string term_field() const { return R"(,"term":)" + std::to_string(term_); }

    void remember(std::int64_t term, const std::string &vote)
    {
        term_ = term;
        vote_ = vote;
        disk_.save(term, vote);
    }

    void restart_election_timer()
    {
        std::uniform_int_distribution<std::int64_t> extra(0, Clock::duration(election_at_least).count());
        due_ = Clock::now() + election_at_least + Clock::duration(extra(random_));
    }

    void follow(const std::string &leader)
    {
        role_ = "follower";
        leader_ = leader;
        restart_election_timer();
    }

    void tell_others(const std::string &type)
    {
        for (const auto &other : others_)
            send(other, type, term_field());
    }

    void heartbeat()
    {
        tell_others("append");
        due_ = Clock::now() + heartbeat_every;
    }

    void stand()
    {
        remember(term_ + 1, name_);
        role_ = "candidate";
        leader_.clear();
        votes_ = {name_};
        restart_election_timer();
        tell_others("request_vote");
        count_votes();
    }

    void count_votes()
    {
        if (2 * votes_.size() <= others_.size() + 1)
            return;
        role_ = "leader";
        leader_ = name_;
        std::cerr << "leader of term " << term_ << std::endl;
        heartbeat();
    }

    void on_init(const Message &m)
    {
        name_ = Scanner(m.body.at("node_id")).string();
        for (const auto &name : Scanner(m.body.at("node_ids")).strings()) {
            if (name != name_)
                others_.push_back(name);
        }
        disk_.load(term_, vote_);
        restart_election_timer();
        reply(m, "init_ok", "");
    }

    void on_request_vote(const Message &m, std::int64_t term)
    {
        bool granted = term == term_ && (vote_.empty() || vote_ == m.src);
        if (granted) {
            if (vote_.empty())
                remember(term_, m.src);
            restart_election_timer();
        }
        send(m.src, "vote", term_field() + (granted ? R"(,"granted":true)" : R"(,"granted":false)"));
    }

    void on_vote(const Message &m, std::int64_t term)
    {
        if (role_ == "candidate" && term == term_ && m.body.at("granted") == "true") {
            votes_.insert(m.src);
            count_votes();
        }
    }

    void on_append(const Message &m, std::int64_t term)
    {
        if (term == term_)
            follow(m.src);
        send(m.src, "append_ok", term_field());
    }

    static std::uint32_t work(std::int64_t rounds)
    {
        std::uint32_t x = 1;
        for (; rounds > 0; rounds--) {
            x ^= x << 13;
            x ^= x >> 17;
            x ^= x << 5;
        }
        return x;
    }

    Disk disk_;
    std::mt19937_64 random_{std::random_device{}()};
    Clock::time_point due_ = Clock::now();
    std::string name_;
    std::vector<std::string> others_;
    std::string role_ = "follower";
    std::int64_t term_ = 0;
    std::string vote_;   // empty: none yet in this term
    std::string leader_; // empty: none known
    std::set<std::string> votes_;
};

int main()
{
    Inbox inbox;
    std::thread([&inbox] {
        std::string line;
        while (std::getline(std::cin, line))
            inbox.put(line);
        inbox.put(std::nullopt);
    }).detach();

    Node node;
    for (;;) {
        std::optional<std::string> line;
        if (!inbox.take(node.due(), line)) {
            node.on_timer();
            continue;
        }
        if (!line)
            std::_Exit(0); // the reader may still hold the inbox
        Message m;
        m.line = *line;
        auto envelope = Scanner(m.line).object();
        m.src = Scanner(envelope.at("src")).string();
        m.body = Scanner(envelope.at("body")).object();
        m.type = Scanner(m.body.at("type")).string();
        node.handle(m);
    }
}
