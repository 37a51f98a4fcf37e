-- Task 6: ties. Even clusters with slow links; the leader is killed, and sometimes all the others wake up in
-- the same instant.

local common = require "common"

local TIES, KILLS = 6, 10

local function cluster(w)
    local took, terms = {}, {}

    -- Kills the leader, does what between says, waits for the next one; then the old leader is started again.
    local function replace(between)
        local old, term = common.await_leader(w, w.nodes, "4s")
        w:kill(old)
        local rest = common.without(w.nodes, old)
        between(rest)
        local _, next_term, time = common.await_leader(w, rest, "4s")
        took[#took + 1], terms[#terms + 1] = time, next_term - term
        return old
    end

    local function come_back(old)
        w:start(old)
        w:await(old .. " follows the new leader", "1s", function()
            local state = common.state(w, old)
            return state.role == "follower" and state.leader ~= null and state.leader ~= nil
        end, "10ms")
    end

    w:step("candidates that all began in one instant get over the tie within 4 s", function()
        for _ = 1, TIES do
            come_back(replace(function(rest)
                for _, node in ipairs(rest) do w:pause(node) end
                w:sleep("1s")                           -- longer than anybody's timeout
                for _, node in ipairs(rest) do w:resume(node) end
            end))
        end
    end)

    w:step("a killed leader is replaced within 4 s, and comes back as follower", function()
        for _ = 1, KILLS do come_back(replace(function() end)) end
    end)

    w:step("half of the elections take less than 1 s", function()
        table.sort(took)
        w:expect_at_most("the median of " .. #took .. " elections in s", took[#took // 2], 1)
    end)

    w:step("an election uses three terms on average, or fewer", function()
        local sum = 0
        for _, count in ipairs(terms) do
            w:expect_at_least("terms that an election used", count, 1)
            sum = sum + count
        end
        w:expect_at_most("the mean of the terms used", sum / #terms, 3)
    end)

    common.safety(w)
end

return task {
    seeds = 2,
    part { name = "four nodes", nodes = 4, latency = "20ms", run = cluster },
    part { name = "six nodes", nodes = 6, latency = "20ms", run = cluster },
}
