-- Task 12: the leader by a record in lin-kv. What a leader does is seen at the vault, to which it sends every
-- 100 ms.

local common = require "common"

local TTL = 2.0
-- 0.8 ttl by a clock that runs 5 % too slowly, and a few ms.
local HOLD = TTL * 0.8 * 1.053 + 0.005

-- Renewals that have happened, known or not: { node =, epoch =, sent_at = }.
local function renewals(w)
    local done, list = {}, {}
    for _, m in ipairs(w:sent { from = "lin-kv", type = "cas_ok" }) do
        done[m.to .. " " .. m.body.in_reply_to] = true
    end
    for _, m in ipairs(w:sent { to = "lin-kv", type = "cas" }) do
        if done[m.from .. " " .. tostring(m.body.msg_id)] then
            list[#list + 1] = { node = m.from, epoch = m.body.to.epoch, sent_at = m.sent_at, m = m }
        end
    end
    return list
end

-- Looks at all that was sent to the vault: no overlap, and nothing after 0.8 ttl.
local function judge(w)
    local list, last, newest, place = renewals(w), nil, {}, 1
    common.one_holder(w)
    for _, m in ipairs(w:sent { to = "vault", type = "put" }) do
        local token = m.body.token
        if last ~= nil and token < last.body.token then
            w:fail { what = m.from .. " sends to the vault after " .. last.from .. " of a later epoch",
                expected = "an epoch of at least " .. last.body.token, seen = token, about = { last, m } }
        end
        last = m
        while place <= #list and list[place].sent_at <= m.sent_at do
            newest[list[place].node .. " " .. list[place].epoch] = list[place]
            place = place + 1
        end
        local renewed = newest[m.from .. " " .. token]
        if renewed == nil then
            w:fail { what = m.from .. " leads in epoch " .. token, expected = "a record that says so",
                seen = "no cas of it has succeeded", about = m }
        elseif m.sent_at - renewed.sent_at > HOLD then
            w:fail { what = "seconds from sending the last successful renewal to a put by " .. m.from,
                expected = "at most 1.6 by its own clock", seen = m.sent_at - renewed.sent_at,
                about = { renewed.m, m } }
        end
    end
end

local function cluster(w)
    common.vault(w)

    local function leader_within(nodes, time)
        local leader = w:await("one node leads", time, function()
            local list = common.leaders(w, nodes)
            if #list == 1 then return list[1] end
            return nil, #list .. " nodes lead"
        end, "10ms")
        return leader.node, leader.term
    end

    local function stays(time)
        local leader, epoch = leader_within(w.nodes, "3s")
        local since = w:now()
        w:sleep(time)
        for _, m in ipairs(w:sent { to = "vault", type = "put", since = since }) do
            w:expect("who sends to the vault", m.from, leader, m)
        end
        w:expect("the epoch", common.state(w, leader).term, epoch)
        return leader, epoch, since
    end

    w:step("one node takes the lease, and the others know its name", function()
        common.start(w, w.nodes, true)
        local leader, epoch = leader_within(w.nodes, "3s")
        w:sleep("2s")
        for _, node in ipairs(w.nodes) do
            local state = common.state(w, node)
            w:expect("the leader and epoch that " .. node .. " names", { state.leader, state.term },
                { leader, epoch })
        end
        judge(w)
    end)

    w:step("the record holds holder, epoch, ttl_ms and beat", function()
        local last = renewals(w)
        local record = last[#last].m.body.to
        w:expect("the holder", record.holder, last[#last].node, last[#last].m)
        w:expect("ttl_ms", record.ttl_ms, 2000, last[#last].m)
        w:expect("beat is an integer", math.type(record.beat), "integer", last[#last].m)
    end)

    w:step("without faults it keeps the lease and sends to the vault every 100 ms", function()
        local leader, _, since = stays("10s")
        w:expect_between("puts in 10 s", w:count { from = leader, to = "vault", since = since }, 90, 110)
    end)

    w:step("wall clocks hours apart and clocks that drift by 5 % change nothing", function()
        for i, node in ipairs(w.nodes) do
            w:clock(node, { offset = (i - 3) * 3600, drift = i % 2 == 0 and 50000 or -50000 })
        end
        stays("20s")
        judge(w)
    end)

    w:step("a holder that dies is replaced within 3.2 s, in the next epoch", function()
        for _ = 1, 6 do
            local old, epoch = leader_within(w.nodes, "4s")
            w:sleep(w:random(0, 500) / 1000)
            w:kill(old)
            local _, next = leader_within(common.without(w.nodes, old), "3200ms")
            w:expect("the new epoch", next, epoch + 1)
            common.start(w, { old }, true)
        end
        judge(w)
    end)

    w:step("a slow answer does not prolong the lease", function()
        for _ = 1, 4 do
            local leader = leader_within(w.nodes, "4s")
            local deaf_at
            -- One more renewal succeeds, its answer takes 600 ms; after it nothing gets through to the store.
            local cut = w:rule { from = leader, to = "lin-kv",
                where = function(m) return m.sent_at > (deaf_at or math.huge) end, drop = true }
            local slow = w:rule { from = "lin-kv", to = leader, type = "cas_ok", delay = "600ms",
                run = function(m) deaf_at = deaf_at or m.sent_at end }
            w:sleep("5s")
            cut:off()
            slow:off()
            judge(w)
        end
    end)

    w:step("a slow store makes no second leader", function()
        local there = w:rule { to = "lin-kv", delay = "300ms" }
        local back = w:rule { from = "lin-kv", delay = function() return w:random() * 0.6 end }
        w:sleep("20s")
        there:off()
        back:off()
        judge(w)
    end)

    w:step("lost answers make no second leader", function()
        local rule = w:rule { from = "lin-kv", where = function() return w:random() < 0.4 end, drop = true }
        w:sleep("20s")
        rule:off()
        judge(w)
    end)

    w:step("while the store cannot be reached nobody leads for long, and then somebody does again", function()
        local rule = w:rule { to = "lin-kv", drop = true }
        w:sleep(HOLD + 0.1)
        w:expect("nodes that lead", #common.leaders(w, w.nodes), 0)
        w:sleep(5 - HOLD)
        rule:off()
        leader_within(w.nodes, "4s")
        w:sleep("1s")
        judge(w)
    end)
end

return task {
    nodes = 5,
    peers = { "vault" },
    start = false,
    latency = "5ms",
    seeds = 2,
    run = cluster,
}
