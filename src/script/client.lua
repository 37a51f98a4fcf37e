-- client.lua: clients of a task, the peers that it plays, and the calls that both make.
--
-- Whoever the scenario speaks for is a Member: it has an endpoint of the world and a name. What comes for it
-- arrives in on_message(), which is called from C for each message: an answer goes to its call, found by
-- in_reply_to; anything else into the member's own box (a client) or to the function that plays it (a
-- peer). Several calls of one member may bear the same msg_id, if the author wants it so: then answers go
-- to the oldest that has none, and what is too much to the newest.

local env = ...
local sys, World, random = env.sys, env.World, env.random
local misuse, need, duration, show = env.misuse, env.need, env.duration, env.show
local raw_format, raw_next = string.format, env.shared.raw_next
local SECOND = 1000000000
local TIMEOUT = 5 * SECOND

local Member = {}
Member.__index = Member
local Call = { is_call = true }
Call.__index = Call

local by_endpoint = {}

---------------------------------------------------------------------------------------------------
-- Calls.

-- What comes at the very end of the time is in time, and all that happens in an instant must have happened
-- before it is over: so time is up 1 ns later.
function env.after(ns) return sys.now() + ns + 1 end

-- Wakes the strand that waits for this call (or socket, or stream), if one does.
function env.wake(waiter)
    if waiter.waiting then
        local strand = waiter.waiting
        waiter.waiting = nil
        sys.wake(strand, true)
    end
end
local wake = env.wake

local function open_call(member, dest, body, msg_id)
    local call = setmetatable({ member = member, dest = dest, body = body, msg_id = msg_id,
        sent_ns = sys.now(), sent_at = sys.now() / SECOND, replies = {} }, Call)
    local older = member.calls[msg_id]
    if older ~= nil then
        call.older = older
    end
    member.calls[msg_id] = call
    return call
end

-- The oldest call with this id that has no answer, or else the newest.
local function call_for(member, msg_id)
    local newest = member.calls[msg_id]
    local found, call = newest, newest
    while call ~= nil do
        if call.reply == nil then found = call end
        call = call.older
    end
    return found
end

local function take_reply(call, m)
    call.replies[#call.replies + 1] = m
    if call.reply ~= nil then return end
    call.reply, call.from = m.body, m.from
    call.answered_ns = sys.now()
    call.answered_at = call.answered_ns / SECOND
    wake(call)
end

-- Waits until the call is answered, or for so long: the reply's body and when it came, or nil.
function Call:wait(timeout)
    local until_ns = env.after(timeout == nil and TIMEOUT or duration(timeout, "call:wait"))
    while self.reply == nil and sys.now() < until_ns do
        if self.waiting then misuse("call:wait: another strand waits for this call already") end
        self.waiting = sys.self()
        sys.park(until_ns)
        self.waiting = nil
    end
    env.latest = self
    return self.reply, self.answered_at
end

---------------------------------------------------------------------------------------------------
-- What members send.

local function check_body(body, what)
    if type(body) ~= "table" or is_array(body) then
        misuse("%s: the body of a message is a table of its fields, not %s", what, show(body))
    end
    return body
end

local function check_dest(dest, what)
    if type(dest) ~= "string" then
        misuse('%s: the receiver is a name such as "n0", not %s', what, show(dest))
    end
    return dest
end

-- The author's table is left as it was.
local function with_id(member, body)
    if body.msg_id ~= nil then return body, body.msg_id end
    local copy, id = {}, member.next_msg_id
    for k, v in raw_next, body do copy[k] = v end
    member.next_msg_id = id + 1
    copy.msg_id = id
    return copy, id
end

function Member:begin(dest, body)
    local sent, id = with_id(self, check_body(body, "begin"))
    local call = open_call(self, check_dest(dest, "begin"), sent, id)
    call.id = sys.send_as(self.endpoint, dest, sent)
    return call
end

function Member:call(dest, body, timeout)
    return self:begin(dest, body):wait(timeout)
end

function Member:send(dest, body)
    return sys.send_as(self.endpoint, check_dest(dest, "send"), check_body(body, "send"))
end

local function describe_error(reply)
    return raw_format("error %s%s", show(reply.code), reply.text ~= nil and ": " .. show(reply.text) or "")
end

local function describe_reply(reply)
    return reply.type == "error" and describe_error(reply) or show(reply)
end

-- One more reply than asked for is as wrong as one too few; authors ask for it by call.replies.
function Member:ask(dest, body, timeout)
    local call = self:begin(dest, body)
    local reply, at = call:wait(timeout)
    local wanted = raw_format("%s_ok", tostring(body.type))
    if reply ~= nil and reply.type == wanted then return reply, at end
    env.fail { what = raw_format("%s answers %s", dest, tostring(body.type)), about = call,
        expected = raw_format("%s within %s", wanted,
            env.show_time(timeout == nil and TIMEOUT or duration(timeout, "ask"))),
        seen = reply == nil and "no answer" or describe_reply(reply) }
end

function Member:refused(dest, body, code, timeout)
    if math.type(code) ~= "integer" then misuse("refused: the code is a whole number, not %s", show(code)) end
    local call = self:begin(dest, body)
    local reply, at = call:wait(timeout)
    if reply ~= nil and reply.type == "error" and env.same(reply.code, code) then return reply, at end
    env.fail { what = raw_format("%s refuses %s", dest, show(body.type)), about = call,
        expected = raw_format("an error with code %d", code),
        seen = reply == nil and "no answer" or describe_reply(reply) }
end

-- The line of a request, for w:write, and the call that its answer will belong to.
function Member:line(dest, body)
    local sent, id = with_id(self, check_body(body, "line"))
    local call = open_call(self, check_dest(dest, "line"), sent, id)
    return json_text { src = self.name, dest = dest, body = sent } .. "\n", call
end

---------------------------------------------------------------------------------------------------
-- What comes for them.

local function matches(filter, m)
    if filter == nil then return true end
    if type(filter) == "string" then return m.type == filter end
    return filter(m)
end

local function take(member, m)
    local box = member.box
    for i, waiter in ipairs(member.receivers) do
        if matches(waiter.filter, m) then
            table.remove(member.receivers, i)
            waiter.got = m
            return wake(waiter)
        end
    end
    box[#box + 1] = m
end

-- The next message that answers no call, or nil. filter: a type, or a function of the message.
function Member:receive(timeout, filter)
    for i, m in ipairs(self.box) do
        if matches(filter, m) then return table.remove(self.box, i) end
    end
    local until_ns = env.after(timeout == nil and TIMEOUT or duration(timeout, "receive"))
    local waiter = { filter = filter, waiting = sys.self() }
    table.insert(self.receivers, waiter)
    sys.park(until_ns)
    waiter.waiting = nil
    if waiter.got == nil then
        for i, other in ipairs(self.receivers) do
            if other == waiter then table.remove(self.receivers, i) end
        end
    end
    return waiter.got
end

function Member:messages() return self.world:sent { to = self.name, received = true } end

-- For a message that asked something: its answer, at once or after a while.
function Member:reply(m, body, after)
    check_body(body, "reply")
    local answer = {}
    for k, v in raw_next, body do answer[k] = v end
    if answer.in_reply_to == nil then answer.in_reply_to = m.body.msg_id end
    if after == nil then
        sys.send_as(self.endpoint, m.from, answer)
        return
    end
    local due_ns = sys.now() + duration(after, "reply")
    sys.spawn(function()
        sys.sleep_until(due_ns)
        sys.send_as(self.endpoint, m.from, answer)
    end)
end

local function play(peer, m)
    local answer = peer.player(m, peer)
    if answer == nil then return end
    if type(answer) ~= "table" then
        misuse("w:play: what plays %s gave %s; it gives the body of the answer, or nil for none", peer.name,
            show(answer))
    end
    peer:reply(m, answer)
end

sys.on_message(function(endpoint, body, id, from, sent_ns)
    local member = by_endpoint[endpoint]
    if member == nil then return end
    local now = sys.now()
    local m = { id = id, from = from, to = member.name, type = body.type, body = body,
        sent_at = sent_ns / SECOND, received_at = now / SECOND }
    local reply_to = body.in_reply_to
    local call = reply_to ~= nil and call_for(member, reply_to)
    if call then
        take_reply(call, m)
    elseif member.player then
        sys.spawn(play, member, m)
    else
        take(member, m)
    end
end)

---------------------------------------------------------------------------------------------------
-- Making them.

local function new_member(w, endpoint, name)
    local member = setmetatable({ world = w, endpoint = endpoint, name = name, next_msg_id = 1, calls = {},
        box = {}, receivers = {}, state = {} }, Member)
    by_endpoint[endpoint] = member
    return member
end

function World:client()
    return new_member(self, sys.member_client())
end

function env.open_peers(w)
    w.peer_of = {}
    for _, name in ipairs(w.peers) do
        w.peer_of[name] = new_member(w, sys.node_number(name), name)
    end
end

function World:peer(name)
    local peer = self.peer_of[name]
    if peer == nil then misuse("%s is no peer of this task; `peers` of the part lists them", show(name)) end
    return peer
end

function World:play(name, fn)
    need(fn, "function", "w:play: the second argument")
    local peer = self:peer(name)
    peer.player = fn
    return peer
end
