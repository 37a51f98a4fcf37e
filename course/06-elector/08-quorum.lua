-- Task 8: a leader that has no majority behind it any more notices that by itself.

local common = require "common"

-- From now on, every 10 ms: who leads. Gives a function that ends it and says how long, at most, two led at
-- a time.
local function watch_two(w)
    local began, longest = nil, 0
    local h = w:every("10ms", function()
        if #common.leaders(w, w.nodes) > 1 then
            began = began or w:now()
            longest = math.max(longest, w:now() - began)
        else
            began = nil
        end
    end)
    return function()
        h:off()
        return longest
    end
end

-- Waits until the old leader does not say that it leads; it may take 350 ms from now.
local function steps_down(w, leader)
    w:await(leader .. " does not lead any more", "350ms", function()
        return common.state(w, leader).role ~= "leader"
    end, "5ms")
end

local function group(w, leader, others)
    local list, rest = { leader }, {}
    for i, node in ipairs(common.without(w.nodes, leader)) do
        if i <= others then list[#list + 1] = node else rest[#rest + 1] = node end
    end
    return list, rest
end

local function cluster(w)
    local function healed()
        w:heal()
        common.await_leader(w, w.nodes, "2s")
        w:expect("nodes that say they lead", #common.leaders(w, w.nodes), 1)
    end

    -- Cuts the leader and so many others off from the rest.
    local function cut_off(others)
        local leader = common.await_leader(w, w.nodes, "2s")
        local minority, majority = group(w, leader, others)
        local done = watch_two(w)
        w:partition { minority, majority }
        steps_down(w, leader)
        common.await_leader(w, majority, "1s")
        w:sleep("500ms")
        w:expect_at_most("seconds in which two nodes said that they lead", done(), 0.35)
        w:sleep("8s")
        w:expect("leaders in the minority", #common.leaders(w, minority), 0)
        w:expect("leaders in the majority", #common.leaders(w, majority), 1)
        healed()
    end

    w:step("a healthy leader stays in office", function()
        local leader, term = common.await_leader(w, w.nodes, "2s")
        w:sleep("10s")
        common.expect_state(w, leader, "leader", term, leader)
    end)

    w:step("a leader that is alone steps down within 350 ms", function() cut_off(0) end)

    w:step("a leader in a minority of two steps down within 350 ms", function() cut_off(1) end)

    w:step("a leader with two of the other four stays in office", function()
        local leader, term = common.await_leader(w, w.nodes, "2s")
        local majority, minority = group(w, leader, 2)
        w:partition { majority, minority }
        w:sleep("10s")
        common.expect_state(w, leader, "leader", term, leader)
        w:expect("leaders in the minority", #common.leaders(w, minority), 0)
        healed()
    end)

    w:step("when everybody is alone nobody leads", function()
        local leader = common.await_leader(w, w.nodes, "2s")
        local alone = {}
        for i, node in ipairs(w.nodes) do alone[i] = { node } end
        w:partition(alone)
        steps_down(w, leader)
        w:sleep("5s")
        w:expect("nodes that say they lead", #common.leaders(w, w.nodes), 0)
        healed()
    end)

    w:step("a leader that is heard and hears nobody steps down within 350 ms", function()
        for _ = 1, 3 do
            local leader = common.await_leader(w, w.nodes, "2s")
            w:cut(common.without(w.nodes, leader), leader)
            steps_down(w, leader)
            w:sleep("1s")
            healed()
        end
    end)

    common.safety(w)
end

local function scripted(w)
    local answers = {}

    local function play()
        for _, name in ipairs(w.peers) do
            w:play(name, function(m)
                local term = m.body.term
                if m.type == "request_vote" then
                    return { type = "request_vote_ok", term = term, granted = true, pre = m.body.pre }
                elseif m.type == "append_entries" and answers[name] ~= nil then
                    return { type = "append_entries_ok", term = term + answers[name], ok = answers[name] == 0,
                        match = 0 }
                end
            end)
        end
    end

    w:step("two of four that answer keep a leader in office", function()
        for _, name in ipairs(w.peers) do answers[name] = 0 end
        play()
        local term = common.await_role(w, "n0", "leader", "1s").term
        answers.n1, answers.n2 = nil, nil
        w:sleep("3s")
        common.expect_state(w, "n0", "leader", term, "n0")
    end)

    w:step("one of four is not enough: it steps down within 350 ms of the last answer", function()
        answers.n3 = nil
        w:sleep("310ms")
        local state = common.await_role(w, "n0", "follower", "60ms")
        w:expect("the leader it knows", state.leader, null)
    end)

    w:step("answers of an earlier term do not keep it in office", function()
        for _, name in ipairs(w.peers) do answers[name] = 0 end
        common.await_role(w, "n0", "leader", "1s")
        for _, name in ipairs(w.peers) do answers[name] = -1 end
        w:sleep("310ms")
        common.await_role(w, "n0", "follower", "60ms")
    end)
    common.safety(w)
end

return task {
    seeds = 2,
    part { name = "one leader, four scripted followers", nodes = 1, peers = 4, latency = "5ms",
        run = scripted },
    part { name = "five nodes", nodes = 5, latency = "5ms", run = cluster },
}
