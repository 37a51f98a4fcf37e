-- step.lua: steps of a task, and what is expected in them.
--
-- A failure ends the story: sys.fail() keeps it, and the strand that found it waits for ever. Where a strand
-- cannot wait (inside a filter, a comparison of table.sort) an error takes its place; nobody sees it, since
-- the story is over. Which messages led to a failure is told by what the author gives (a message, a
-- call, a list, a node), or else by the call that was last looked at: env.latest.

local env = ...
local sys, World, to_ns = env.sys, env.World, env.to_ns
local raw_format, raw_next = string.format, env.shared.raw_next
local SHOWN_MAX, TRAIL_MAX = 400, 12
local MS = 1000000

---------------------------------------------------------------------------------------------------
-- Mistakes of the author: they point at the author's line, however deep we are.

function env.misuse(...)
    error(sys.where() .. raw_format(...), 0)
end
local misuse = env.misuse

-- Times given by authors.
function env.duration(value, what)
    local ok, ns = pcall(to_ns, value)
    if not ok or ns < 0 then
        misuse('%s: a time is a number of seconds or a text such as "20ms", not %s', what, env.show(value))
    end
    return ns
end
local duration = env.duration

function env.need(value, kind, what)
    if type(value) ~= kind then misuse("%s must be a %s, not %s", what, kind, env.show(value)) end
    return value
end
local need = env.need

---------------------------------------------------------------------------------------------------
-- Values for people.

local function shorten(text, max)
    if #text <= max then return text end
    return (text:sub(1, max - 3):gsub("[\x80-\xff]+$", "")) .. "..."
end

function env.show(value)
    if value == nil then return "nothing" end
    local fine, text = pcall(json_text, value)
    if not fine then text = tostring(value) end
    return shorten(text, SHOWN_MAX)
end
local show = env.show

function env.show_time(ns)
    if ns >= 1000 * MS then return raw_format("%.6g s", ns / 1e9) end
    if ns >= MS then return raw_format("%.6g ms", ns / 1e6) end
    return raw_format("%.6g us", ns / 1e3)
end

---------------------------------------------------------------------------------------------------
-- Equality of JSON values: numbers by value (1 equals 1.0), objects by members, whatever the order. A plain
-- empty table of the author's is both [] and {}.

local function is_list(t) return is_array(t) or t[1] ~= nil end
local function is_number_text(t) return getmetatable(t) == "number" end

local function same(a, b)
    if type(a) ~= "table" or type(b) ~= "table" then return a == b end
    if a == b then return true end
    if is_number_text(a) or is_number_text(b) then
        return is_number_text(a) and is_number_text(b) and tostring(a) == tostring(b)
    end
    local empty_a, empty_b = raw_next(a) == nil, raw_next(b) == nil
    if empty_a or empty_b then
        return empty_a and empty_b and (is_array(a) == is_array(b) or not is_array(b))
    end
    if is_list(a) ~= is_list(b) then return false end
    if is_list(a) then
        if #a ~= #b then return false end
        for i = 1, #a do
            if not same(a[i], b[i]) then return false end
        end
        return true
    end
    for k, v in raw_next, a do
        if not same(v, b[k]) then return false end
    end
    for k in raw_next, b do
        if a[k] == nil then return false end
    end
    return true
end
env.same = same

-- Where two values first differ: "at .payload[3].name: 5, not 6"; nil if they are short enough to be read.
local function difference(seen, wanted, path)
    if type(seen) == "table" and type(wanted) == "table" and not is_number_text(seen) and
        not is_number_text(wanted) and is_list(seen) == is_list(wanted) then
        if is_list(seen) then
            for i = 1, math.max(#seen, #wanted) do
                if not same(seen[i], wanted[i]) then
                    return difference(seen[i], wanted[i], raw_format("%s[%d]", path, i - 1))
                end
            end
        end
        for k in pairs(wanted) do
            if not same(seen[k], wanted[k]) then
                return difference(seen[k], wanted[k], path .. "." .. tostring(k))
            end
        end
        for k in pairs(seen) do
            if wanted[k] == nil then return difference(seen[k], nil, path .. "." .. tostring(k)) end
        end
    end
    if type(seen) == "string" and type(wanted) == "string" then
        local i = 1
        while seen:byte(i) == wanted:byte(i) do i = i + 1 end
        local part = seen:sub(math.max(1, i - 20), i + 40):gsub("[\x80-\xff]", "?")
        return raw_format("%d bytes of text%s, different from byte %d on: %s", #seen,
            path ~= "" and " at " .. path or "", i, show(part))
    end
    return raw_format("%s%s", path ~= "" and "at " .. path .. ": " or "", show(seen))
end

local function describe_seen(seen, wanted)
    local text = show(seen)
    if #text < SHOWN_MAX then return text end
    return difference(seen, wanted, "") .. "; in " .. shorten(text, 120)
end

---------------------------------------------------------------------------------------------------
-- The messages that led there.

-- What a call asked, what its node sent and got meanwhile, and the answers.
local function trail_of_call(call)
    local ids, rest = {}, {}
    local until_ns = call.answered_ns
    ids[1] = call.id
    local filter = { since_ns = call.sent_ns, until_ns = until_ns or sys.now() }
    local replies = {}
    for _, m in ipairs(call.replies) do replies[m.id] = true end
    for _, side in ipairs { "from", "to" } do
        filter.from, filter.to = nil, nil
        filter[side] = call.dest
        local id, count = sys.find(filter, 0), 0
        while id ~= nil and count < 200 do
            if id ~= call.id and not replies[id] then rest[#rest + 1] = id end
            count = count + 1
            id = sys.find(filter, id + 1)
        end
    end
    table.sort(rest)
    -- Messages between members, and to the one who asked, say more than those of other clients.
    for i = 1, #rest do
        if #ids + #call.replies >= TRAIL_MAX then break end
        local m = sys.message(rest[i])
        local own = m.from == call.member.name or m.to == call.member.name
        if own or not (m.from:find("^c%d+$") or m.to:find("^c%d+$")) then ids[#ids + 1] = rest[i] end
    end
    for _, m in ipairs(call.replies) do ids[#ids + 1] = m.id end
    return ids
end

local function is_message(t) return math.type(t.id) == "integer" and t.from ~= nil end

-- about: a message, a call, a list of them, the name of a member, or nil. -> ids, node's name
local function trail(about)
    if about == nil then about = env.latest end
    if about == nil then return {}, "" end
    if type(about) == "string" then return sys.last_messages(about), about end
    if type(about) ~= "table" then
        misuse("what is told about must be a message, a call, a list or a name")
    end
    if about.is_call then return trail_of_call(about), about.dest end
    if is_message(about) then return { about.id }, "" end
    local ids, node = {}, ""
    for _, item in ipairs(about) do
        local some, whose = trail(item)
        for _, id in ipairs(some) do ids[#ids + 1] = id end
        node = node ~= "" and node or whose
    end
    return ids, node
end

---------------------------------------------------------------------------------------------------
-- Failing.

local function stop()
    if sys.yieldable() then sys.park() end
    error("the story is over", 0)
end

-- f: what, expected, seen (texts), about, node, evidence
function env.fail(f)
    local ids, node = trail(f.about)
    table.sort(ids)
    sys.fail(f.what, f.expected, f.seen, f.node or node, ids, f.evidence)
    stop()
end
local fail = env.fail

function env.out_of_time(w, limit)
    local step = w.step_name
    fail { what = "the story ends in time",
        expected = raw_format("the whole story within %s of virtual time", limit),
        seen = step and raw_format('"%s" was still at work', step) or "it was still going on" }
end

function World:fail(f)
    if type(f) == "string" then f = { what = f, expected = "", seen = f } end
    need(f, "table", "w:fail: its argument")
    local function text(v, otherwise)
        if v == nil then return otherwise end
        return type(v) == "string" and v or show(v)
    end
    fail { what = text(f.what, "a condition of the task"), expected = text(f.expected, ""),
        seen = text(f.seen, ""), node = f.node, about = f.messages or f.about or f.node }
end

function World:step(name, body)
    need(name, "string", "w:step: the name")
    need(body, "function", "w:step: the second argument")
    if self.step_name ~= nil then
        misuse('w:step "%s" inside of "%s": steps do not nest', name, self.step_name)
    end
    self.step_name, env.latest = name, nil
    sys.step_begin(name)
    body()
    sys.step_end()
    self.step_name, env.latest = nil, nil
end

function World:tell(sentence, ...)
    need(sentence, "string", "w:tell: the sentence")
    sys.tell(select("#", ...) > 0 and sentence:format(...) or sentence)
end

---------------------------------------------------------------------------------------------------
-- Expecting.

local function check_what(what, name)
    if type(what) ~= "string" then
        misuse('w:%s: it begins with a text that says what is looked at, such as "the total"', name)
    end
end

function World:expect(what, seen, wanted, about)
    check_what(what, "expect")
    if same(seen, wanted) then return seen end
    fail { what = what, expected = show(wanted), seen = describe_seen(seen, wanted), about = about }
end

local function check_number(value, name)
    if type(value) ~= "number" then misuse("w:%s: %s is no number", name, show(value)) end
end

local function in_range(name, what, seen, low, high, text, about)
    check_what(what, name)
    if low ~= nil then check_number(low, name) end
    if high ~= nil then check_number(high, name) end
    local fits = type(seen) == "number" and (low == nil or seen >= low) and (high == nil or seen <= high)
    if fits then return seen end
    fail { what = what, expected = text, seen = show(seen), about = about }
end

function World:expect_near(what, seen, wanted, tolerance, about)
    check_number(wanted, "expect_near")
    check_number(tolerance, "expect_near")
    return in_range("expect_near", what, seen, wanted - tolerance, wanted + tolerance,
        raw_format("%s, give or take %s", show(wanted), show(tolerance)), about)
end

function World:expect_between(what, seen, low, high, about)
    if low == nil and high == nil then misuse("w:expect_between: at least one bound must be given") end
    local text = low == nil and "at most " .. show(high) or high == nil and "at least " .. show(low) or
        raw_format("between %s and %s", show(low), show(high))
    return in_range("expect_between", what, seen, low, high, text, about)
end

function World:expect_at_most(what, seen, high, about)
    return self:expect_between(what, seen, nil, high, about)
end

function World:expect_at_least(what, seen, low, about)
    return self:expect_between(what, seen, low, nil, about)
end

---------------------------------------------------------------------------------------------------
-- Awaiting. Asking may itself send messages, so each answer is an event that asks again: at most
-- ASKS_MAX times in one instant, or the time would stand still.

local EVERY_MIN_NS, EVERY_PARTS, ASKS_MAX = MS, 5000, 16

function World:await(what, within, fn, every)
    check_what(what, "await")
    need(fn, "function", "w:await: the third argument")
    local until_ns = sys.now() + duration(within, "w:await")
    local every_ns = every and duration(every, "w:await") or
        math.max(EVERY_MIN_NS, (until_ns - sys.now()) // EVERY_PARTS)
    if every_ns < 1 then misuse("w:await: it cannot ask every 0 s") end
    local asks, asked_ns, reason, last = 0, -1, nil, false
    while true do
        local value, why = fn()
        if value then return value end
        if why ~= nil then reason = why end
        local now = sys.now()
        if now >= until_ns then
            if last then break end
            last = true -- what comes at the very end is in time, and that instant is over 1 ns later
        end
        asks = now == asked_ns and asks + 1 or 0
        asked_ns = now
        local next_ns = last and now + 1 or math.min(until_ns, now + every_ns)
        if asks < ASKS_MAX and not last then sys.await_event(next_ns) else sys.sleep_until(next_ns) end
    end
    fail { what = what, expected = raw_format("so within %s", env.show_time(duration(within, ""))),
        seen = reason ~= nil and (type(reason) == "string" and reason or show(reason)) or
            raw_format("not so after %s", env.show_time(duration(within, ""))) }
end

---------------------------------------------------------------------------------------------------
-- Checkers: linearizable("cas-register") and its like are values that w:check takes.

local function checker(name, by_model)
    return function(first, options)
        if not by_model then first, options = nil, first end
        local all = {}
        for k, v in pairs(options or {}) do all[k] = v end
        if by_model then all.model = first end
        return { is_checker = true, name = name, options = all }
    end
end

linearizable, sequential = checker("linearizable", true), checker("sequential", true)
session = checker("session", true)
for name, id in pairs { list_append = "list-append", rw_register = "rw-register", set_full = "set-full",
    counter = "counter", unique_ids = "unique-ids", kafka = "kafka" } do
    _G[name] = checker(id, false)
end

function World:check(c)
    if type(c) ~= "table" or not c.is_checker then
        misuse('w:check: it takes a checker such as linearizable("cas-register") or set_full {}')
    end
    if not sys.check_now(c.name, c.options) then stop() end
end
