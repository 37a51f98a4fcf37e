-- 20-rebalance.lua: moving as little as possible.
local common = require "common"

local COUNT, KEYS = 24, {}
for i = 0, COUNT - 1 do KEYS[#KEYS + 1] = ("t/%02d"):format(i) end

-- A group: its members, who reads which partition as the members themselves believe, and how many were given up.
local function start(w, c, strategy)
    local cluster = common.cluster(w, c, { engine = "log", min_isr = 2 })
    for _, key in ipairs(KEYS) do common.make_log(w, c, cluster, key, { replicas = 1 }) end
    return { cluster = cluster, strategy = strategy, members = {}, owner = {}, moved = 0, generation = 0 }
end

-- Asks the coordinator as long as it takes; the answer may be an error, but not one of somebody who does not coordinate.
local function ask(w, g, c, body)
    while true do
        local node = g.hint
        if node == nil or g.cluster.down[node] then node = w:pick(common.up(w, g.cluster)) end
        g.hint = nil
        local call = c:begin(node, body)
        local reply = call:wait("300ms")
        if reply ~= nil and reply.code ~= 1002 and reply.code ~= 11 then g.hint = node return reply, call end
        if reply ~= nil and type(reply.leader) == "string" then g.hint = reply.leader end
        w:sleep("20ms")
    end
end

local function has(list, key)
    for _, one in ipairs(list) do if one == key then return true end end
    return false
end

-- What an answer gives is read from now on; nobody else may still read it.
local function take(w, g, m, reply, call)
    if reply.generation < m.generation or reply.generation < g.floor then
        w:fail { what = "the generation of group g", expected = "at least " .. math.max(m.generation, g.floor),
            seen = reply.generation, about = call }
    end
    m.generation = reply.generation
    g.generation = math.max(g.generation, reply.generation)
    for _, key in ipairs(reply.assigned) do
        local other = g.owner[key]
        if other ~= nil and other ~= m then
            w:fail { what = ("who reads %s, which %s was given"):format(key, m.name), expected = "nobody", seen = other.name, about = call }
        end
        g.owner[key] = m
        m.owned[key] = true
    end
end

local function owned_by(m)
    local list = array {}
    for _, key in ipairs(KEYS) do if m.owned[key] then list[#list + 1] = key end end
    return list
end

local function drop(g, m, key)
    m.owned[key] = nil
    if g.owner[key] == m then g.owner[key] = nil end
end

local function join(w, g, m)
    local body = { type = "join_group", group = "g", member = m.name, topics = { "t" }, owned = m.stubborn or owned_by(m),
        strategy = g.strategy, session_ms = 2000 }
    local reply, call = ask(w, g, m.c, body)
    w:expect("the type of the reply to " .. m.name, reply.type, "join_group_ok", call)
    if not m.alive then return end
    for _, key in ipairs(owned_by(m)) do
        if not has(reply.assigned, key) and not has(reply.revoke, key) and not m.stubborn then
            w:fail { what = ("%s, which %s reads"):format(key, m.name), expected = "in assigned or in revoke",
                seen = "in neither", about = call }
        end
    end
    if m.stubborn then m.generation = reply.generation return end
    take(w, g, m, reply, call)
    g.moved = g.moved + #reply.revoke
    if #reply.revoke == 0 then return end
    for _, key in ipairs(reply.revoke) do drop(g, m, key) end
    reply, call = ask(w, g, m.c, { type = "sync_group", group = "g", member = m.name, generation = m.generation, owned = owned_by(m) })
    if reply.type == "sync_group_ok" and m.alive then
        reply.generation = reply.generation or m.generation
        take(w, g, m, reply, call)
    end
end

local function forget(g, m)
    for _, key in ipairs(KEYS) do drop(g, m, key) end
end

local function add(w, g, name)
    local m = { name = name, owned = {}, generation = 0, alive = true, c = w:client() }
    g.floor = g.floor or 0
    g.members[#g.members + 1] = m
    w:spawn(function()
        join(w, g, m)
        while m.alive do
            w:sleep("200ms")
            if not m.alive then return end
            if not m.silent then
                local reply = ask(w, g, m.c, { type = "heartbeat", group = "g", member = name, generation = m.generation })
                if m.alive and reply.code == 22 then
                    m.was_put_out = true
                    if m.stubborn then return end
                    forget(g, m)
                    join(w, g, m)
                elseif m.alive and reply.rejoin then
                    join(w, g, m)
                end
            end
        end
    end)
    return m
end

local function remove(g, m)
    m.alive = false
    for i, one in ipairs(g.members) do if one == m then table.remove(g.members, i) end end
    forget(g, m)
end

local function is_even(g)
    local read = 0
    for _, m in ipairs(g.members) do
        local n = #owned_by(m)
        read = read + n
        if n < COUNT // #g.members or n > (COUNT + #g.members - 1) // #g.members then return false end
    end
    return read == COUNT
end

local function even_within(w, g, within)
    w:await(("%d members share %d partitions, with loads that differ by at most 1"):format(#g.members, COUNT), within,
        function() return is_even(g) end, "20ms")
end

local function commit(w, g, m, key)
    return ask(w, g, m.c, { type = "commit_offsets", group = "g", member = m.name, generation = m.generation, offsets = { [key] = 0 } })
end

-- Every member may commit for what it reads, and for nothing else.
local function judge_commits(w, g)
    for _, m in ipairs(g.members) do
        local key, other = w:pick(KEYS), w:pick(KEYS)
        local owned = owned_by(m)
        if #owned > 0 then key = w:pick(owned) end
        for _, one in ipairs { key, other } do
            local reply, call = commit(w, g, m, one)
            if m.owned[one] then w:expect("the reply to its owner's commit", reply.type, "commit_offsets_ok", call)
            else w:expect("the code for a commit by somebody else", reply.code, 22, call) end
        end
    end
end

-- The plain range assignment.
local function judge_range(w, g)
    local names, by_name = {}, {}
    for i, m in ipairs(g.members) do names[i] = m.name by_name[m.name] = m end
    table.sort(names)
    local next_key = 1
    for i, name in ipairs(names) do
        local wanted = array {}
        for _ = 1, COUNT // #names + (i <= COUNT % #names and 1 or 0) do
            wanted[#wanted + 1] = KEYS[next_key]
            next_key = next_key + 1
        end
        w:expect("what " .. name .. " reads", owned_by(by_name[name]), wanted)
    end
end

local function coordinator(w, c, g)
    return w:await("the group has a coordinator", "5s", function()
        local all = common.metadata(w, c, w:pick(common.up(w, g.cluster)))
        local leader = all and all["__offsets"] and all["__offsets"].leader
        return type(leader) == "string" and not g.cluster.down[leader] and leader or nil
    end, "50ms")
end

return task {
    seeds = 2,
    part {
        name = "sticky", nodes = 3, disk = true, latency = "10ms",
        run = function(w)
            local c, g, moves = w:client(), nil, {}
            w:step("a new member is served within 1 s, and nothing is read by two", function()
                g = start(w, c, "sticky")
                add(w, g, "m1")
                even_within(w, g, "5s")
                for i = 2, 8 do
                    local before = g.moved
                    add(w, g, "m" .. w:random(10, 99) .. "-" .. i)
                    even_within(w, g, "1s")
                    moves[i] = g.moved - before
                end
            end)
            w:step("one join moves at most ceil(24 / members) partitions", function()
                for i = 2, 8 do
                    w:expect_at_most("partitions that had to be given up when there came to be " .. i .. " members",
                        moves[i], (COUNT + i - 1) // i)
                end
            end)
            w:step("commits are taken from the owner only", function()
                for _ = 1, 3 do judge_commits(w, g) end
            end)
            w:step("what a member leaves goes to the others within 1 s, and nothing else moves", function()
                for _ = 1, 2 do
                    local before, m = g.moved, w:pick(g.members)
                    remove(g, m) -- it stops before it says so
                    local reply, call = ask(w, g, m.c, { type = "leave_group", group = "g", member = m.name, generation = m.generation })
                    w:expect("the type of the reply", reply.type, "leave_group_ok", call)
                    even_within(w, g, "1s")
                    w:expect("partitions that others had to give up", g.moved - before, 0)
                end
            end)
            w:step("a dead member is done without after its session time and 1 s", function()
                remove(g, w:pick(g.members))
                even_within(w, g, "3s")
            end)
            w:step("a member that slept too long may not commit", function()
                local m = w:pick(g.members)
                local owned = owned_by(m)
                m.silent = true
                w:sleep("1500ms")
                w:expect("the reply to a commit after 1.5 s of silence", commit(w, g, m, owned[1]).type, "commit_offsets_ok")
                forget(g, m) -- whoever gets them now may read them
                table.remove(g.members, (function() for i, one in ipairs(g.members) do if one == m then return i end end end)())
                even_within(w, g, "3s")
                for _, key in ipairs(owned) do
                    local reply, call = commit(w, g, m, key)
                    w:expect("the code of the reply to a commit of one that was put out", reply.code, 22, call)
                end
                m.alive = false
            end)
            w:step("a member that gives nothing up is put out after its session time and 1 s", function()
                local m = w:pick(g.members)
                local keys = owned_by(m)
                m.stubborn = keys -- what it claims to own, whatever it is told
                for _ = 1, 3 do add(w, g, "new" .. w:random(100, 999)) end
                w:sleep("1s")
                forget(g, m) -- it goes on reading; from when on that does no harm is the coordinator's affair
                for i, one in ipairs(g.members) do if one == m then table.remove(g.members, i) end end
                even_within(w, g, "3s")
                w:sleep("300ms")
                w:expect("whether it was told", m.was_put_out, true)
                for _, key in ipairs(keys) do
                    local reply, call = commit(w, g, m, key)
                    w:expect("the code of the reply to its commit", reply.code, 22, call)
                end
                judge_commits(w, g)
            end)
        end,
    },
    part {
        name = "range", nodes = 3, disk = true, latency = "10ms",
        run = function(w)
            local c = w:client()
            w:step("range gives neighbours to neighbours, for 1 to 25 members", function()
                local g = start(w, c, "range")
                add(w, g, "m" .. w:random(10, 99))
                even_within(w, g, "5s")
                for i = 2, 5 do
                    add(w, g, "m" .. w:random(10, 99) .. "-" .. i)
                    even_within(w, g, "2s")
                    w:sleep("200ms")
                    judge_range(w, g)
                end
                for i = 6, 25 do add(w, g, "m" .. w:random(10, 99) .. "-" .. i) end
                w:sleep("2s")
                even_within(w, g, "1s")
                judge_range(w, g)
                judge_commits(w, g)
            end)
        end,
    },
    part {
        name = "failover", nodes = 3, disk = true, latency = "10ms",
        run = function(w)
            local c, g = w:client(), nil
            w:step("a new coordinator goes on where the old one was", function()
                g = start(w, c, "sticky")
                for i = 1, 5 do add(w, g, "m" .. i) end
                even_within(w, g, "6s")
                w:sleep("500ms")
                for _ = 1, 2 do
                    local before, moved = g.generation, g.moved
                    local dead = coordinator(w, c, g)
                    g.floor = before
                    w:kill(dead)
                    g.cluster.down[dead] = true
                    w:sleep("4s")
                    w:expect("partitions that had to be given up", g.moved - moved, 0)
                    w:expect("whether the partitions are read as before", is_even(g), true)
                    judge_commits(w, g)
                    add(w, g, "after" .. before)
                    even_within(w, g, "2s")
                    w:expect_at_least("the generation", g.generation, before + 1)
                    w:start(dead)
                    g.cluster.down[dead] = nil
                    w:sleep("5s")
                end
            end)
            w:step("the coordinator may die in the middle of a rebalance", function()
                for _, type in ipairs { "sync_group", "join_group" } do
                    local dead
                    local rule = w:rule { type = type, nth = w:random(1, 3), run = function(m)
                        if dead == nil then
                            dead = m.to
                            w:kill(dead)
                            g.cluster.down[dead] = true
                        end
                    end }
                    g.floor = g.generation
                    add(w, g, "x" .. type)
                    add(w, g, "y" .. type)
                    w:await("the coordinator is dead", "10s", function() return dead ~= nil end)
                    rule:off()
                    even_within(w, g, "7s")
                    judge_commits(w, g)
                    w:start(dead)
                    g.cluster.down[dead] = nil
                    w:sleep("5s")
                end
            end)
        end,
    },
}
