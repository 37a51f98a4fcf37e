-- Task 2: whom a voter votes for. The scenario plays four candidates; a model of a few lines says what
-- the answers must be.

local common = require "common"

local PEERS = { "n1", "n2", "n3", "n4" }

-- Each request takes 2 ms, and the voter must not become impatient meanwhile: every 20th operation, and each
-- pause of its own, is followed by a heartbeat.
local function draw(state, random)
    local kind = random(1, 10)
    local from = PEERS[random(1, 4)]
    state.top = state.top or 0
    if kind <= 2 then
        state.top = state.top + random(1, 3)
        return { kind = "vote", from = from, term = state.top }
    elseif kind <= 6 then
        return { kind = "vote", from = from, term = state.top }
    elseif kind <= 8 then
        return { kind = "vote", from = from, term = math.max(0, state.top - random(1, 3)) }
    elseif kind == 9 then
        return { kind = "twice", from = from, term = state.top + random(0, 1) }
    end
    return { kind = "heartbeat", term = math.max(1, state.top - random(0, 2)) }
end

local function vote(model, from, term)
    if term > model.term then model.term, model.vote, model.leader = term, nil, nil end
    local granted = term == model.term and (model.vote == nil or model.vote == from)
    if granted then model.vote = from end
    return { term = model.term, granted = granted }
end

-- One name leads in a term: the leader is whoever the term's number says.
local function leader_of(term) return PEERS[term % 4 + 1] end

local function expect(state, op)
    state.top = state.top or 0
    local model = state.model
    if op.kind == "heartbeat" then
        local ok = op.term >= model.term
        if op.term > model.term then model.term, model.vote = op.term, nil end
        return { term = model.term, ok = ok }
    end
    local answer = vote(model, op.from, op.term)
    if op.kind == "twice" then return { answer, vote(model, op.from, op.term) } end
    return answer
end

local function sequences(w)
    common.play(w, function() return nil end)

    local function ask_vote(from, term)
        local reply = w:peer(from):ask("n0", common.candidacy(term, from), "20ms")
        return { term = reply.term, granted = reply.granted }
    end

    w:step("every answer to 500 requests is that of the model", function()
        w:model {
            steps = 500,
            state = { model = { term = 0 } },
            draw = draw,
            expect = expect,
            ask = function(op)
                if op.kind == "heartbeat" then
                    local leader = leader_of(op.term)
                    local reply = w:peer(leader):ask("n0", common.heartbeat(op.term, leader), "20ms")
                    return { term = reply.term, ok = reply.ok }
                elseif op.kind == "twice" then
                    return { ask_vote(op.from, op.term), ask_vote(op.from, op.term) }
                end
                return ask_vote(op.from, op.term)
            end,
        }
    end)
    common.safety(w)
end

-- Requests from n0 for votes since then, trials included: its timer has fired.
local function fired(w, since) return w:count { from = "n0", type = "request_vote", since = since } end

local function timer(w)
    local n1, n2 = w:peer("n1"), w:peer("n2")
    local term = 1

    common.play(w, function() return nil end)

    -- A fresh start: a heartbeat of a new term.
    local function calm()
        term = common.state(w, "n0").term + 1
        n1:ask("n0", common.heartbeat(term, "n1"), "10ms")
        return w:now()
    end

    w:step("a granted vote restarts the election timer", function()
        for _ = 1, 5 do
            calm()
            for i = 1, 8 do
                w:sleep("100ms")
                local since = w:now()
                local reply = n2:ask("n0", common.candidacy(term + i, "n2"), "10ms")
                w:expect("granted", reply.granted, true)
                w:expect("requests for votes 100 ms after a vote was given",
                    fired(w, since - 0.1), 0, "n0")
            end
        end
    end)

    w:step("a vote that is granted again restarts it as well", function()
        calm()
        for _ = 1, 8 do
            local since = w:now()
            w:sleep("100ms")
            local reply = n2:ask("n0", common.candidacy(term + 1, "n2"), "10ms")
            w:expect("granted", reply.granted, true)
            w:expect("requests for votes 100 ms after a vote was given", fired(w, since), 0, "n0")
        end
    end)

    w:step("a refused request does not restart it", function()
        for _ = 1, 5 do
            local since = calm()
            local deadline = since + 0.310
            while w:now() < deadline and fired(w, since) == 0 do
                w:sleep("30ms")
                n2:call("n0", common.candidacy(term - 1, "n2"), "10ms")
            end
            w:expect_at_least("requests for votes within 310 ms after the last heartbeat",
                fired(w, since), 1, "n0")
        end
    end)

    w:step("a heartbeat of a lower term does not restart it", function()
        for _ = 1, 5 do
            local since = calm()
            while w:now() < since + 0.310 and fired(w, since) == 0 do
                w:sleep("30ms")
                n2:call("n0", common.heartbeat(term - 1, "n2"), "10ms")
            end
            w:expect_at_least("requests for votes within 310 ms after the last valid heartbeat",
                fired(w, since), 1, "n0")
        end
    end)

    w:step("a second candidate of the term is refused and does not restart it", function()
        for _ = 1, 5 do
            local since = calm()
            local first = n1:ask("n0", common.candidacy(term + 1, "n1"), "10ms")
            w:expect("granted to the first", first.granted, true)
            since = w:now()
            while w:now() < since + 0.310 and fired(w, since) == 0 do
                w:sleep("30ms")
                local reply = n2:call("n0", common.candidacy(term + 1, "n2"), "10ms")
                if reply ~= nil and reply.term == term + 1 then
                    w:expect("granted to the second", reply.granted, false)
                end
            end
            w:expect_at_least("requests for votes within 310 ms after the vote", fired(w, since), 1, "n0")
        end
    end)
    common.safety(w)
end

return task {
    part { name = "random sequences", nodes = 1, peers = PEERS, latency = "1ms", run = sequences },
    part { name = "the timer", nodes = 1, peers = 2, latency = "1ms", run = timer },
}
