-- net.lua: the network of a task: cuts, losses, links of their own, and rules for single messages.

local env = ...
local sys, World, to_ns, shared = env.sys, env.World, env.to_ns, env.shared
local misuse, need, duration, show = env.misuse, env.need, env.duration, env.show
local raw_format = string.format
local SECOND = env.SECOND

---------------------------------------------------------------------------------------------------
-- Cuts. What is told as a fault stands as a band in the picture of the run until it is undone.

local function member(w, name, what)
    if w.node_numbers[name] == nil then misuse("%s: there is no member %s", what, show(name)) end
    return name
end

local function told(w, kind, text)
    if w.told_faults[kind] then sys.fault(kind, "stop", w.told_faults[kind]) end
    w.told_faults[kind] = text
    if text then sys.fault(kind, "start", text) end
end

local function heal_cuts(w)
    sys.heal()
    told(w, "partition", nil)
end

-- Members of different groups do not hear each other; who is in no group hears all.
function World:partition(groups)
    need(groups, "table", "w:partition: the groups")
    local group_of, text = {}, {}
    for i, group in ipairs(groups) do
        if type(group) == "string" then group = { group } end
        for _, name in ipairs(group) do
            if group_of[member(self, name, "w:partition")] then
                misuse("w:partition: %s is in two groups", name)
            end
            group_of[name] = i
        end
        text[i] = table.concat(group, " ")
    end
    if #text < 2 then misuse("w:partition: at least two groups are wanted") end
    heal_cuts(self)
    for a, i in pairs(group_of) do
        for b, j in pairs(group_of) do
            if i ~= j then sys.cut(a, b, true) end
        end
    end
    told(self, "partition", table.concat(text, " | "))
end

-- from no longer reaches to; both may be lists.
function World:cut(from, to)
    local function names(list) return type(list) == "table" and list or { list } end
    for _, a in ipairs(names(from)) do
        for _, b in ipairs(names(to)) do
            sys.cut(member(self, a, "w:cut"), member(self, b, "w:cut"), true)
        end
    end
    local more = raw_format("%s -/-> %s", table.concat(names(from), " "), table.concat(names(to), " "))
    local before = self.told_faults.partition
    told(self, "partition", before and before .. ", " .. more or more)
end

function World:heal() heal_cuts(self) end

---------------------------------------------------------------------------------------------------
-- All links.

local function probability(p, what)
    if type(p) ~= "number" or p < 0 or p > 1 then
        misuse("%s: a probability is between 0 and 1, not %s", what, show(p))
    end
    return p
end

function World:loss(p)
    sys.loss(probability(p, "w:loss"))
    told(self, "loss", p > 0 and raw_format("%.3g %% of messages", p * 100) or nil)
end

function World:duplicate(p)
    sys.duplication(probability(p, "w:duplicate"))
    told(self, "duplicate", p > 0 and raw_format("%.3g %% of messages", p * 100) or nil)
end

function World:reorder(p, extra)
    sys.reorder(probability(p, "w:reorder"), duration(extra or 0, "w:reorder"))
    told(self, "reorder", p > 0 and raw_format("%.3g %% of messages up to %s later", p * 100,
        env.show_time(duration(extra or 0, "w:reorder"))) or nil)
end

function World:slow(factor)
    if type(factor) ~= "number" or factor <= 0 then
        misuse("w:slow: a factor above 0, not %s", show(factor))
    end
    sys.slow(factor)
    told(self, "slow", factor ~= 1 and raw_format("latency times %.3g", factor) or nil)
end

-- One direction of one link; without `how` it is as all others again.
function World:link(from, to, how)
    how = how or {}
    for key in pairs(how) do
        if key ~= "latency" and key ~= "loss" then
            misuse("w:link: a link has latency and loss, but no %s", tostring(key))
        end
    end
    sys.link(member(self, from, "w:link"), member(self, to, "w:link"),
        how.latency and duration(how.latency, "w:link"), how.loss and probability(how.loss, "w:link"))
end

-- Faults as workloads have them, for a while: { "kill", "partition", during = "20s", every = "2s" }.
function World:nemesis(what)
    need(what, "table", "w:nemesis: its argument")
    if what.during == nil then misuse("w:nemesis: `during` says how long") end
    local until_ns = sys.now() + duration(what.during, "w:nemesis")
    local nw = setmetatable({ options = {
        nemesis_interval_ns = duration(what.every or "2s", "w:nemesis"), latency_ns = 0,
    }, workload = {} }, { __index = self })
    local strands = {}
    for _, kind in ipairs(what) do
        if shared.faults[kind] == nil then misuse("w:nemesis: there is no fault %s", show(kind)) end
        strands[#strands + 1] = function() shared.nemesis(nw, kind, until_ns) end
    end
    if #strands == 0 then misuse("w:nemesis: which faults? Such as { \"kill\", during = \"20s\" }") end
    self:each(strands, function(strand) strand() end)
end

---------------------------------------------------------------------------------------------------
-- Rules.

local RULE_FIELDS = { from = true, to = true, type = true, nth = true, where = true, drop = true,
    delay = true, duplicate = true, body = true, swap = true, run = true, times = true }

local Rule = {}
Rule.__index = Rule

function Rule:off() sys.rule_off(self.number) end

local function delay_of(value, m)
    if type(value) == "function" then value = value(m) end
    return value and duration(value, "w:rule: delay") or 0
end

-- Delays of further copies: a number of copies at once, a delay, a list of delays, or a function.
local function copies_of(value, m)
    if type(value) == "function" then value = value(m) end
    local list = {}
    if math.type(value) == "integer" then
        for i = 1, value do list[i] = 0 end
    elseif type(value) == "string" then
        list[1] = duration(value, "w:rule: duplicate")
    elseif type(value) == "table" then
        for i, delay in ipairs(value) do list[i] = duration(delay, "w:rule: duplicate") end
    end
    return list
end

local function check_rule(r)
    for key in pairs(r) do
        if not RULE_FIELDS[key] then misuse("w:rule: a rule has no `%s`", tostring(key)) end
    end
    for _, key in ipairs { "from", "to", "type" } do
        if r[key] ~= nil and type(r[key]) ~= "string" then
            misuse("w:rule: %s must be a text, not %s", key, show(r[key]))
        end
    end
    if not (r.drop or r.delay or r.duplicate or r.body or r.swap or r.run) then
        misuse("w:rule: it says which messages, but not what is done: " ..
            "drop, delay, duplicate, body, swap or run")
    end
    if r.nth ~= nil and (math.type(r.nth) ~= "integer" or r.nth < 1) then
        misuse("w:rule: nth is a whole number from 1, not %s", show(r.nth))
    end
end

-- What is done with one message that the rule is for.
local function act(r, rule, m)
    if r.run then sys.spawn(r.run, m) end
    if r.drop then return true end
    local body = r.body
    if type(body) == "function" then body = body(m.body) end
    local hold = false
    if r.swap then
        rule.waiting = not rule.waiting
        hold = rule.waiting
    end
    return false, delay_of(r.delay, m), r.duplicate and copies_of(r.duplicate, m), body, hold
end

function World:rule(r)
    check_rule(need(r, "table", "w:rule: its argument"))
    local rule = setmetatable({ hits = 0, matched = 0, waiting = false }, Rule)
    rule.number = sys.rule(r.from, r.to, r.type, function(id)
        local m = sys.message(id)
        if r.where and not r.where(m) then return false end
        rule.matched = rule.matched + 1
        if r.nth and rule.matched ~= r.nth and not (r.swap and rule.waiting) then return false end
        if r.times and rule.hits >= r.times then return false end
        rule.hits = rule.hits + 1
        return act(r, rule, m)
    end)
    return rule
end
