-- Task 15: faults of the node's own making. First the chance in them, then whether the parts built so far
-- hold.

local common = require "common"

local ECHOES, DROP, DUPLICATE = 2000, 0.3, 0.2

-- Four standard deviations either way of how often something of this chance happens.
local function bounds(count, chance)
    local mean, deviation = count * chance, math.sqrt(count * chance * (1 - chance))
    return math.ceil(mean - 4 * deviation), math.floor(mean + 4 * deviation)
end

local function storm(w)
    local c = w:client()

    local function chaos(drop, duplicate, seed)
        c:ask("n0", { type = "chaos", drop = drop, duplicate = duplicate, seed = seed }, common.AT_ONCE)
    end

    local function chaos_off() c:ask("n0", { type = "chaos_off" }, common.AT_ONCE) end

    -- How many replies each of 2,000 echoes gets under chaos, in the order of the echoes.
    local function replies(drop, duplicate, seed)
        local calls, counts = {}, {}
        chaos(drop, duplicate, seed)
        for i = 1, ECHOES do
            calls[i] = c:begin("n0", { type = "echo", echo = i })
            if i % 20 == 0 then w:sleep("1ms") end
        end
        w:sleep("100ms")
        chaos_off()
        for i, call in ipairs(calls) do counts[i] = #call.replies end
        return counts
    end

    local function count_of(counts, wanted)
        local n = 0
        for _, count in ipairs(counts) do n = n + (count == wanted and 1 or 0) end
        return n
    end

    local function first_difference(a, b)
        for i = 1, #a do
            if a[i] ~= b[i] then return i end
        end
        return "none"
    end

    local seed = w:random(1, 1000000)
    local first

    w:step("without chaos nothing is lost", function()
        for _ = 1, 20 do common.echo(w, common.book(), c, "n0") end
    end)

    w:step("about 30 % of the replies are lost", function()
        first = replies(DROP, 0, seed)
        local low, high = bounds(ECHOES, DROP)
        w:expect_between("lost replies of " .. ECHOES, count_of(first, 0), low, high, "n0")
        w:expect("replies that came twice", count_of(first, 2), 0, "n0")
    end)

    w:step("the same seed loses the same ones", function()
        for _ = 1, 2 do
            w:expect("the first echo whose fate is another than in the run before",
                first_difference(first, replies(DROP, 0, seed)), "none", "n0")
        end
    end)

    w:step("another seed loses others", function()
        local same, other = 0, replies(DROP, 0, seed + 1)
        for i = 1, ECHOES do same = same + (first[i] == other[i] and 1 or 0) end
        local low, high = bounds(ECHOES, DROP * DROP + (1 - DROP) * (1 - DROP))
        w:expect_between("echoes with the same fate under both seeds", same, low, high, "n0")
    end)

    w:step("about 20 % of what is not lost leaves twice", function()
        local counts = replies(0, DUPLICATE, seed)
        local low, high = bounds(ECHOES, DUPLICATE)
        w:expect("lost replies", count_of(counts, 0), 0, "n0")
        w:expect_between("replies that came twice", count_of(counts, 2), low, high, "n0")
        counts = replies(DROP, DUPLICATE, seed)
        low, high = bounds(ECHOES, (1 - DROP) * DUPLICATE)
        w:expect_between("replies that came twice, with losses", count_of(counts, 2), low, high, "n0")
        low, high = bounds(ECHOES, DROP)
        w:expect_between("lost replies, with doubling", count_of(counts, 0), low, high, "n0")
    end)

    w:step("errors are never touched", function()
        chaos(1, 0, seed)
        for _ = 1, 50 do c:refused("n0", { type = "dance" }, 10, common.AT_ONCE) end
        chaos_off()
    end)

    w:step("no attempt of a relay goes round chaos", function()
        local since = w:now()
        w:play("n1", function(m) return { type = "echo_ok", echo = m.body.echo } end)
        chaos(1, 0, seed)
        local call = c:begin("n0", { type = "relay", target = "n1", timeout_ms = 50, attempts = 10,
            inner = { type = "echo", echo = 1 } })
        common.is_error(w, call, common.after(w, call, 500), 0)
        w:expect("messages from n0 to n1 with drop 1", w:count { from = "n0", to = "n1", since = since }, 0,
            "n0")
        chaos_off()
    end)

    w:step("after chaos_off nothing is lost", function()
        for _ = 1, 50 do common.echo(w, common.book(), c, "n0") end
    end)
end

local REQUESTS, TRIES = 100, 10

local function chain(w)
    local c, known, unknown = w:client(), 0, 0

    -- n0 relays to n1 a relay to n2 of a tally.
    local function request(amount, msg_id)
        local tally = { type = "tally", amount = amount }
        local inner = { type = "relay", target = "n2", timeout_ms = 20, attempts = 10, inner = tally }
        return { type = "relay", target = "n1", timeout_ms = 100, attempts = 10, inner = inner,
            msg_id = msg_id }
    end

    -- Asks until there is an answer, always under the same number.
    local function ask(amount, msg_id)
        for _ = 1, TRIES do
            local reply = c:call("n0", request(amount, msg_id), "1200ms")
            if reply ~= nil then return reply end
        end
    end

    w:step("three nodes under chaos carry out requests that are sent again and again", function()
        for i, node in ipairs(w.nodes) do
            c:ask(node, { type = "chaos", drop = DROP, duplicate = 0.1, seed = w:random(1, 1000000) + i },
                common.AT_ONCE)
        end
        local ids = {}
        for i = 1, REQUESTS do ids[i] = 100000 + i end
        w:all(ids, function(id)
            w:sleep(w:random(0, 5000) / 1000)
            local amount = w:random(1, 100)
            local reply = ask(amount, id)
            if reply ~= nil and reply.type == "relay_ok" then
                known = known + amount
            else
                unknown = unknown + amount
            end
        end)
        w:expect_at_least("the sum of the acknowledged amounts", known, 1)
    end)

    w:step("every acknowledged amount was counted exactly once", function()
        for _, node in ipairs(w.nodes) do c:ask(node, { type = "chaos_off" }, common.AT_ONCE) end
        w:sleep("30s")
        local reply = c:ask("n2", { type = "tally", amount = 0 }, common.AT_ONCE)
        w:expect_between("the total on n2 (acknowledged " .. known .. ", unknown " .. unknown .. ")",
            reply.total, known, known + unknown, "n2")
    end)
end

return task {
    part { name = "one node", nodes = 1, peers = 1, run = storm },
    part { name = "a chain of three", nodes = 3, run = chain },
}
