-- cue.lua: faults that begin with a message. Bugs wait for moments more than for times: right after a vote, an
-- entry, an answer.
--
-- A cue is about messages of some type between nodes, to or from a service, or to a client. Its fault is for who sent
-- one, when that has just left, or for who got it, before that node has read it or some time later:
--   type, nth   the how manieth such message since the wait began
--   at          "sender" or "receiver"
--   wait_ns     what still passes then
-- Rare types are as likely as frequent ones. Faults of different kinds mostly share a type for some while, each at
-- an end of its own: a voter dies as soon as it has voted, and who got the vote is cut off. If no such message comes
-- for a while, the fault is for whoever is heard most.

local sys, random = ...

local cues = {}

local MS = 1000000
local NTH_MAX, WAIT_MIN_NS, WAIT_MAX_NS = 5, MS // 10, 20 * MS
local SHARES = { 0.5, 1, 1 }
local ENDS = { "sender", "receiver" }
local STINT_MAX = 12 -- cues with one type
local PATIENCE_MIN_NS, PATIENCE_MAX_NS = 300 * MS, 3000 * MS

-- Some faults with a cue last for moments only: over before others have finished what they were at.
local SHORT_MIN_NS, SHORT_MAX_NS = MS, 300 * MS

function cues.log_uniform(low, high)
    return math.floor(low * (high / low) ^ sys.unit("nemesis"))
end

-- Of a task, the nodes with a process alone: its peers are played.
function cues.node_count(w) return w.process_count or #w.node_names end

-- The node that others heard most since `before`, which is brought up to date: where there is a leader,
-- mostly the leader. A cut one is not heard, whatever it says. Its number, or nil if nobody was heard.
function cues.busiest_since(w, before)
    local best, most
    for node = 0, cues.node_count(w) - 1 do
        local heard = sys.heard(node)
        local fresh = heard - (before[node] or 0)
        before[node] = heard
        if fresh > (most or 0) then best, most = node, fresh end
    end
    return best
end

-- The same since it was asked last.
function cues.busiest(w)
    w.heard = w.heard or {}
    return cues.busiest_since(w, w.heard)
end

-- What the run's cues have in common: how many faults have one, and for a stint the type.
local function theme(w)
    if w.theme == nil then w.theme = { share = SHARES[random("nemesis", #SHARES)], left = 0 } end
    return w.theme
end

function cues.draw_nth() return random("nemesis", 3) == 1 and 1 or random("nemesis", NTH_MAX) end

function cues.draw_wait()
    return random("nemesis", 3) > 1 and 0 or cues.log_uniform(WAIT_MIN_NS, WAIT_MAX_NS)
end

-- After a fault with a cue, until the wait for the next: mostly none within a stint.
function cues.draw_gap(w)
    if theme(w).left == 0 then return cues.log_uniform(SHORT_MIN_NS, PATIENCE_MAX_NS) end
    return random("nemesis", 4) > 1 and 0 or cues.log_uniform(SHORT_MIN_NS, SHORT_MAX_NS)
end

-- Mostly what nodes say to each other; else what they tell clients.
local function draw_types()
    local talk, news = sys.watched(false), sys.watched(true)
    if #talk > 0 and (#news == 0 or random("nemesis", 4) > 1) then return talk end
    return news
end

-- Any type and end; nil if there was no message so far.
function cues.draw_message()
    local types = draw_types()
    return types[1] and { type = types[random("nemesis", #types)], at = ENDS[random("nemesis", 2)] }
end

-- The same, rare types more often.
function cues.draw_rare()
    local types = draw_types()
    local place = types[1] and math.min(random("nemesis", #types), random("nemesis", #types))
    return place and { type = types[place], at = ENDS[random("nemesis", 2)] }
end

-- Mostly kills are for senders, who must keep what they said, and the rest is for receivers; or the other way.
local function end_for(kind, mine)
    return (kind == "kill") == mine.usual and "sender" or "receiver"
end

-- The type and the end that a kind of fault has now. Rare types come first in the list, and more often here.
local function draw_in_theme(kind, mine)
    if mine.left == 0 then
        local types = draw_types()
        if #types == 0 then return nil end
        mine.left, mine.usual = random("nemesis", STINT_MAX), random("nemesis", 4) > 1
        mine.type = types[math.min(random("nemesis", #types), random("nemesis", #types))]
    end
    mine.left = mine.left - 1
    return { type = mine.type, at = end_for(kind, mine) }
end

-- How long to wait for it: what makes nodes speak of votes, for one, is often the fault itself.
function cues.draw_patience() return cues.log_uniform(PATIENCE_MIN_NS, PATIENCE_MAX_NS) end

-- A cue for the next fault of a kind; nil: it comes without.
function cues.draw(w, kind)
    if sys.unit("nemesis") >= theme(w).share then return nil end
    local cue = draw_in_theme(kind, theme(w))
    if cue == nil then return nil end
    cue.nth, cue.wait_ns = random("nemesis", 2) == 1 and 1 or cues.draw_nth(), cues.draw_wait()
    return cue
end

-- The plan with its cue.
function cues.with(cue, plan)
    plan.cue = cue
    if random("nemesis", 8) > 1 then plan.for_ns = cues.log_uniform(SHORT_MIN_NS, SHORT_MAX_NS) end
    return plan
end

-- Waits for the nth message of on, not counting those for except. Gives the node and, if that is one too, the
-- other end; nil if it did not come in time.
function cues.await(w, on, nth, except, until_ns)
    local count = cues.node_count(w)
    sys.watch()
    local from, to = sys.await_message(on.type, on.at == "receiver", nth, until_ns, except)
    if from == nil then return nil end
    if on.at == "receiver" then from, to = to, from end
    if from >= count then from, to = to, from end
    return from, to < count and to or nil
end

return cues
