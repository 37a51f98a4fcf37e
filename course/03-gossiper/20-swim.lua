-- Task 20: SWIM. Sixteen members, then two hundred, most of whom are played here.

local common = require "common"

local NODES, JOINERS = 16, 2
local PER_PERIOD = 2.4                   -- messages a node and period: a ping and an ack, and a fifth more
local BODY = 1400

local function judge_load(w, nodes)
    local seconds, before, sum = 10, {}, 0
    for _, node in ipairs(nodes) do before[node] = common.between(w, { from = node }) end
    w:sleep(seconds)
    for _, node in ipairs(nodes) do sum = sum + common.between(w, { from = node }) - before[node] end
    w:expect_at_most("messages a node and period", sum / #nodes / seconds, PER_PERIOD)
end

local function judge_bodies(w)
    local longest = 0
    for _, m in ipairs(w:sent { from_kind = "node", to_kind = "node" }) do
        if m.bytes > longest then longest = m.bytes end
    end
    w:expect_at_most("bytes of the longest body between nodes", longest, BODY)
end

local function without(list, ...)
    local gone, rest = {}, {}
    for _, name in ipairs { ... } do gone[name] = true end
    for _, name in ipairs(list) do
        if not gone[name] then rest[#rest + 1] = name end
    end
    return rest
end

-- Looks twice a second until none of these lists any of those as alive. Gives the seconds until the first
-- accusation of each.
local function all_accuse(w, c, nodes, dead)
    local begun, first, open, about = w:now(), {}, nil, nil
    for _ = 1, 24 do
        w:sleep("500ms")
        open = nil
        for _, node in ipairs(nodes) do
            local lists, call = common.members(w, c, node)
            for _, name in ipairs(dead) do
                if lists.alive[name] then
                    open, about = node .. " lists " .. name .. " as alive", call
                elseif first[name] == nil then
                    first[name] = w:now() - begun
                end
            end
        end
        if open == nil then return first end
    end
    w:fail { what = "the lists of the living, 12 s after a death", expected = "without " .. table.concat(dead, ", "),
        seen = open, about = about }
end

---------------------------------------------------------------------------------------------------
-- A member without a process: it pings somebody each second, answers, passes on what it hears, and accuses who
-- does not answer.

local TELL = 24

local function play_members(w, names, members)
    local silent = {}
    for _, name in ipairs(names) do
        local fresh = {}                         -- news that is still to be told: node -> { piece, how often }
        local known = {}                         -- node -> piece, where it is not alive with incarnation 0
        local rank = { alive = 0, suspect = 1, dead = 2 }

        local function hear(body)
            for _, piece in ipairs(type(body) == "table" and type(body.news) == "table" and body.news or {}) do
                local old = known[piece.node] or { state = "alive", incarnation = 0 }
                if rank[piece.state] and piece.node ~= name and (piece.incarnation > old.incarnation or
                    (piece.incarnation == old.incarnation and rank[piece.state] > rank[old.state])) then
                    known[piece.node] = piece
                    fresh[piece.node] = { piece = piece, left = TELL }
                end
            end
        end
        local function news()
            local list = array {}
            for node, item in pairs(fresh) do
                if #list < 10 then
                    table.insert(list, item.piece)
                    item.left = item.left - 1
                    if item.left == 0 then fresh[node] = nil end
                end
            end
            return list
        end

        w:play(name, function(m, peer)
            if silent[name] then return end
            hear(m.body)
            if m.type == "ping" then return { type = "ack", news = news() } end
            if m.type == "ping_req" then
                local reply = peer:call(m.body.target, { type = "ping", news = news() }, "300ms")
                if reply ~= nil then return { type = "ack", news = news() } end
            end
        end)

        w:spawn(function()
            local peer = w:peer(name)
            w:sleep(w:random())
            while not silent[name] do
                local target = w:pick(members)
                local begun = w:now()
                if target ~= name and not (known[target] and known[target].state == "dead") then
                    local reply = peer:call(target, { type = "ping", news = news() }, "300ms")
                    if reply ~= nil then
                        hear(reply)
                    else
                        hear { news = { { node = target, state = "suspect",
                            incarnation = known[target] and known[target].incarnation or 0 } } }
                    end
                end
                w:sleep_until(begun + 1)
            end
        end)
    end
    return silent
end

return task {
    seeds = 2,
    part { name = "sixteen members", nodes = NODES + JOINERS, latency = "20ms", start = false, run = function(w)
        local c, first = w:client(), {}
        local begun = { table.unpack(w.nodes, 1, NODES) }
        local live = begun

        w:step("in peace all are alive, and a node sends about two messages a period", function()
            w:all(begun, function(node) w:start(node, { members = begun }) end)
            w:all(begun, function(node) c:ask(node, { type = "mode", mode = "swim" }, common.AT_ONCE) end)
            w:sleep("3s")
            judge_load(w, begun)
            common.nobody_accused(w, c, begun, begun)
        end)

        w:step("two nodes that cannot hear each other, and are heard by all others, are never accused", function()
            w:cut("n2", "n9")
            w:cut("n9", "n2")
            for _ = 1, 12 do
                w:sleep("1s")
                common.nobody_accused(w, c, begun, { "n2", "n9" })
            end
            w:heal()
        end)

        w:step("a dead node is alive on nobody's list after 12 s", function()
            w:kill("n5")
            live = without(live, "n5")
            first.n5 = all_accuse(w, c, live, { "n5" }).n5
        end)

        w:step("so are three that die at once, and nobody else is accused", function()
            local three = { "n1", "n8", "n14" }
            for _, node in ipairs(three) do w:kill(node) end
            live = without(live, table.unpack(three))
            for name, seconds in pairs(all_accuse(w, c, live, three)) do first[name] = seconds end
            common.nobody_accused(w, c, live, live)
        end)

        w:step("the first accusation comes after 5 s or less, on average", function()
            local sum = 0
            for _, seconds in pairs(first) do sum = sum + seconds end
            w:expect_at_most("seconds from death to the first accusation", sum / 4, 5)
        end)

        w:step("two that know one member only are known everywhere within 12 s", function()
            for i = NODES + 1, NODES + JOINERS do
                local node = w.nodes[i]
                w:start(node, { members = { node, live[1] } })
                c:ask(node, { type = "mode", mode = "swim" }, common.AT_ONCE)
                live = without(live, node)
                live[#live + 1] = node
            end
            w:sleep("12s")
            common.nobody_accused(w, c, live, live)
        end)

        w:step("no body has more than 1,400 bytes", function() judge_bodies(w) end)
    end },

    part { name = "two hundred members", nodes = NODES, peers = 200 - NODES, latency = "20ms", run = function(w)
        local c = w:client()
        local silent = play_members(w, w.peers, w.members)
        common.set_mode(w, c, { mode = "swim" })

        w:step("among two hundred members a node sends no more messages than among sixteen", function()
            w:sleep("2s")
            judge_load(w, w.nodes)
            common.nobody_accused(w, c, w.nodes, w.members)
        end)

        w:step("of two hundred, two that die are alive on nobody's list after 12 s", function()
            local live = without(w.nodes, "n3")
            silent[w.peers[7]] = true
            w:kill("n3")
            all_accuse(w, c, live, { "n3", w.peers[7] })
        end)

        w:step("no body has more than 1,400 bytes", function() judge_bodies(w) end)
    end },
}
