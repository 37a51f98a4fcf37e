-- Task 13: what a leader does outside bears its term or epoch. Leaders are paused, and puts come late.

local common = require "common"

local SAVES_A_SECOND, KEYS = 20, 5

local function fence(by_lease, latest)
    return function(w)
        local vault = common.vault(w)
        local saves, count = {}, 0

        local function leader_now()
            local list = common.leaders(w, w.nodes)
            if #list == 1 then return list[1] end
            return nil, #list .. " nodes lead"
        end

        local function await_leader() return w:await("one node leads", "6s", leader_now, "20ms").node end

        -- One save at this node, never awaited here; all are judged at the end.
        local function save(c, node)
            count = count + 1
            local call = c:begin(node, { type = "save", key = "k" .. count % KEYS, value = "v" .. count })
            saves[#saves + 1] = { call = call, value = "v" .. count }
            return call
        end

        -- Puts that bear this value: what the vault said to each.
        local function fates()
            local of = {}
            for _, entry in ipairs(vault.log) do
                local value = entry.m.body.value
                of[value] = of[value] or {}
                table.insert(of[value], entry)
            end
            return of
        end

        local function judge()
            local of = fates()
            common.one_holder(w)
            for _, s in ipairs(saves) do
                local reply, seen, tokens = s.call.reply, of[s.value] or {}, {}
                local stored
                for _, entry in ipairs(seen) do
                    tokens[entry.m.body.token] = true
                    if entry.accepted then stored = entry end
                end
                local different = 0
                for _ in pairs(tokens) do different = different + 1 end
                w:expect_at_most("tokens with which " .. s.value .. " was put", different, 1, s.call)
                if reply ~= nil and reply.type == "save_ok" then
                    w:expect("the vault has taken " .. s.value .. ", which was reported as saved",
                        stored ~= nil, true, s.call)
                    w:expect("the token in the answer", reply.token, stored.m.body.token, s.call)
                end
            end
        end

        local c = w:client()

        w:step("a save goes to the vault with the token of the office, and is then confirmed", function()
            common.start(w, w.nodes, by_lease)
            local leader = await_leader()
            local term = common.state(w, leader).term
            for i = 1, 10 do
                local reply = c:ask(leader, { type = "save", key = "a", value = i }, "20ms")
                w:expect("the token", reply.token, term)
                w:expect("the value in the vault", vault.values.a, i)
            end
        end)

        w:step("other nodes refuse with 1001 and the leader's name", function()
            local leader = await_leader()
            w:sleep("300ms")
            for _, node in ipairs(w:others(leader, "vault")) do
                local reply = c:refused(node, { type = "save", key = "a", value = 0 }, 1001, "5ms")
                w:expect("the leader in the refusal", reply.leader, leader)
            end
        end)

        w:step("a leader whose put is refused reports no success and leads no more", function()
            for round = 1, 3 do
                local leader = await_leader()
                local term = common.state(w, leader).term
                local before = #vault.log
                vault.refuse = true
                local call = c:begin(leader, { type = "save", key = "a", value = "refused " .. round })
                w:await("the vault refuses the put", "50ms", function()
                    for i = before + 1, #vault.log do
                        if vault.log[i].m.body.value == "refused " .. round then return true end
                    end
                end)
                w:sleep("6ms")                          -- the refusal is there
                local state = common.state(w, leader)
                w:expect("it leads in the term that was refused", state.role == "leader" and
                    state.term == term, false, call)
                vault.refuse = nil
                w:sleep("500ms")
                w:expect("it was reported as saved", call.reply ~= nil and call.reply.type == "save_ok",
                    false, call)
                local puts = 0
                for _, entry in ipairs(vault.log) do
                    if entry.m.body.value == "refused " .. round then puts = puts + 1 end
                end
                w:expect("puts of the refused value", puts, 1, call)
            end
        end)

        w:step("leaders that sleep and puts that come late harm nothing", function()
            local rule = w:rule { to = "vault", type = "put", where = function() return w:random() < 0.3 end,
                delay = function() return w:random() * 5 end }
            local asking = w:every(1 / SAVES_A_SECOND, function()
                for _, node in ipairs(w.nodes) do save(c, node) end
            end)
            for _ = 1, 10 do
                local leader = await_leader()
                w:sleep(w:random(0, 1500) / 1000)
                w:pause(leader)
                w:sleep(w:random() * latest + 0.5)
                w:resume(leader)
            end
            asking:off()
            rule:off()
            w:sleep("9s")
            judge()
        end)

        w:step("some saves succeeded, and some puts came too late", function()
            local good, refused = 0, 0
            for _, s in ipairs(saves) do
                if s.call.reply ~= nil and s.call.reply.type == "save_ok" then good = good + 1 end
            end
            for _, entry in ipairs(vault.log) do refused = refused + (entry.accepted and 0 or 1) end
            w:tell("%d of %d saves were confirmed, %d puts refused", good, #saves, refused)
            w:expect_at_least("saves that were confirmed", good, 20)
        end)
        if not by_lease then common.safety(w) end
    end
end

return task {
    seeds = 2,
    part { name = "by votes", nodes = 3, peers = { "vault" }, start = false, latency = "5ms",
        run = fence(false, 2) },
    part { name = "by lease", nodes = 3, peers = { "vault" }, start = false, latency = "5ms",
        run = fence(true, 6) },
}
