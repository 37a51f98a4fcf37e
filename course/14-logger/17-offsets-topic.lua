-- 17-offsets-topic.lua: where each group stands.
local common = require "common"

local DAY, SEGMENT, GROUPS = 86400, 16384, 40
local KEYS = { "p0", "p1", "p2", "p3" }

-- What each group committed last, and what may have been stored besides.
local function fresh(w, c)
    common.fresh(w, c, { engine = "log", offsets_segment_bytes = SEGMENT, group_expire_ms = 7 * DAY * 1000 })
    local m = { ends = {}, groups = {} }
    for _, key in ipairs(KEYS) do
        c:ask("n0", { type = "create_log", key = key, segment_bytes = 4096 })
        m.ends[key] = 0
    end
    return m
end

local function send(w, c, m, key)
    w:expect("the offset", c:ask("n0", { type = "send", key = key, msg = m.ends[key] }).offset, m.ends[key])
    m.ends[key] = m.ends[key] + 1
end

local function group(m, name)
    if m.groups[name] == nil then m.groups[name] = { generation = 1, offsets = {}, open = {} } end
    return m.groups[name]
end

-- One commit; true if it was acknowledged.
local function commit(w, c, m, name, offsets, generation, timeout)
    local g = group(m, name)
    local call = c:begin("n0", { type = "commit_offsets", group = name, generation = generation or g.generation,
        offsets = offsets, metadata = "m" .. #name })
    local reply = call:wait(timeout or "500ms")
    if reply == nil or reply.type ~= "commit_offsets_ok" then
        for key, offset in pairs(offsets) do g.open[key] = offset end
        return false, call
    end
    for key, offset in pairs(offsets) do g.offsets[key], g.open[key] = offset, nil end
    return true, call
end

local function some_offsets(w, m, n)
    local offsets = {}
    for _ = 1, n do
        local key = w:pick(KEYS)
        offsets[key] = w:random(0, m.ends[key])
    end
    return offsets
end

local function judge(w, c, m, name)
    local g = group(m, name)
    local call = c:begin("n0", { type = "list_committed_offsets", group = name, keys = KEYS })
    local seen = (call:wait("1s") or {}).offsets or {}
    for _, key in ipairs(KEYS) do
        local value = seen[key]
        if value == null then value = nil end
        if g.open[key] ~= nil and value == g.open[key] then g.offsets[key] = value end
        g.open[key] = nil
        w:expect(("the committed offset of %s in %s"):format(name, key), value, g.offsets[key], call)
    end
end

local function judge_all(w, c, m)
    for name in pairs(m.groups) do judge(w, c, m, name) end
end

local function entries(m)
    local n = 0
    for _, g in pairs(m.groups) do for _ in pairs(g.offsets) do n = n + 1 end end
    return n
end

-- Bytes of what is not one of the four partitions: they have at most 100 messages of a few bytes each.
local function bound(m) return 200 * entries(m) + 2 * SEGMENT + 4 * 8192 end

return task {
    seeds = 3,
    part {
        name = "forty groups", nodes = 1, disk = true,
        run = function(w)
            local c, m = w:client(), nil
            w:step("the last commit of each group and partition is found", function()
                m = fresh(w, c)
                for _ = 1, 100 do send(w, c, m, w:pick(KEYS)) end
                for i = 1, 1000 do
                    local name = "g" .. w:random(1, GROUPS)
                    local ok, call = commit(w, c, m, name, some_offsets(w, m, w:random(1, 4)))
                    w:expect("a commit is acknowledged", ok, true, call)
                    if i % 100 == 0 then judge(w, c, m, name) end
                end
                judge_all(w, c, m)
                local reply = c:ask("n0", { type = "list_committed_offsets", group = "nobody", keys = KEYS })
                w:expect("the offsets of a group that never committed", json_text(reply.offsets), "{}")
            end)
            w:step("a thousand commits are kept in 200 bytes an entry and two segments", function()
                w:expect_at_most("bytes of all files", common.file_bytes(w, "n0"), bound(m))
            end)
            w:step("a commit writes what it changes, not all that there is", function()
                local before = w:disk("n0")
                for _ = 1, 200 do commit(w, c, m, "g" .. w:random(1, GROUPS), some_offsets(w, m, 1)) end
                w:expect_at_most("bytes written for a commit of one offset", common.used(w, before).bytes_written / 200, 600)
            end)
            w:step("lag is the end minus what is committed", function()
                for _ = 1, 40 do
                    for _ = 1, 3 do send(w, c, m, w:pick(KEYS)) end
                    local name, lag = "g" .. w:random(1, GROUPS), {}
                    for key, offset in pairs(group(m, name).offsets) do lag[key] = m.ends[key] - offset end
                    w:expect("the lag of " .. name, c:ask("n0", { type = "group_lag", group = name }).lag, lag)
                end
            end)
            w:step("an older generation is refused, also after a restart", function()
                for round = 1, 2 do
                    for _ = 1, 20 do
                        local name = "g" .. w:random(1, GROUPS)
                        local g = group(m, name)
                        if g.generation > 1 then
                            c:refused("n0", { type = "commit_offsets", group = name, generation = g.generation - 1,
                                offsets = some_offsets(w, m, 1) }, 22)
                        end
                        g.generation = g.generation + w:random(0, 3)
                        local ok, call = commit(w, c, m, name, some_offsets(w, m, 2))
                        w:expect("a commit of the newest generation is acknowledged", ok, true, call)
                        if g.generation > 1 then
                            c:refused("n0", { type = "commit_offsets", group = name, generation = w:random(0, g.generation - 1),
                                offsets = some_offsets(w, m, 2) }, 22)
                        end
                        judge(w, c, m, name)
                    end
                    if round == 1 then w:restart("n0") end
                end
                c:refused("n0", { type = "commit_offsets", group = "g1", generation = 99, offsets = { p0 = m.ends.p0 + 1 } }, 22)
                c:refused("n0", { type = "commit_offsets", group = "g1", generation = 99, offsets = { p9 = 0 } }, 20)
                judge_all(w, c, m)
            end)
            w:step("a start reads no more than is kept", function()
                w:kill("n0")
                local before = w:disk("n0")
                w:start("n0")
                judge_all(w, c, m)
                w:expect_at_most("bytes read at the start", common.used(w, before).bytes_read, bound(m) + 16384)
            end)
        end,
    },
    part {
        name = "power", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a commit that was acknowledged survives a loss of power", function()
                for _ = 1, 10 do
                    local m, lost = fresh(w, c), false
                    for _ = 1, 8 do send(w, c, m, w:pick(KEYS)) end
                    local trap = w:at_change("n0", w:random(1, 260), function() w:lose_power("n0"); lost = true end)
                    for _ = 1, 110 do
                        if lost then break end
                        commit(w, c, m, "a group with a rather long name " .. w:random(1, 8), some_offsets(w, m, 4))
                    end
                    trap:off()
                    if not lost then w:lose_power("n0") end
                    w:start("n0")
                    judge_all(w, c, m)
                end
            end)
        end,
    },
    part {
        name = "weeks", nodes = 1, disk = true, limit = "2000h",
        run = function(w)
            local c, m = w:client(), nil
            w:step("a group goes seven days after its last commit, an active one never", function()
                m = fresh(w, c)
                for _, key in ipairs(KEYS) do for _ = 1, 5 do send(w, c, m, key) end end
                for i = 1, 9 do commit(w, c, m, "g" .. i, some_offsets(w, m, 3)) end
                for day = 1, 9 do
                    w:sleep(DAY)
                    if day <= 6 then
                        for i = 1, 3 do commit(w, c, m, "g" .. i, some_offsets(w, m, 2)) end
                    end
                    if day == 4 then w:restart("n0") end
                    if day == 6 then judge_all(w, c, m) end
                end
                for i = 4, 9 do m.groups["g" .. i] = nil; group(m, "g" .. i) end
                judge_all(w, c, m)
                w:restart("n0")
                judge_all(w, c, m)
                for i = 1, 9 do
                    w:expect("whether group " .. i .. " has a lag", next(c:ask("n0", { type = "group_lag", group = "g" .. i }).lag) ~= nil,
                        i <= 3)
                end
            end)
            w:step("what retention has removed is no lag", function()
                c:ask("n0", { type = "create_log", key = "old", segment_bytes = 1000, retention_bytes = 3000 })
                commit(w, c, m, "g1", { old = 0 })
                for i = 1, 100 do c:ask("n0", { type = "send", key = "old", msg = ("%d"):format(i):rep(40) }) end
                local first = c:refused("n0", { type = "poll", offsets = { old = 0 } }, 22).first
                w:expect("the lag", c:ask("n0", { type = "group_lag", group = "g1" }).lag.old, 100 - first)
                local reply = c:ask("n0", { type = "list_committed_offsets", group = "g1", keys = { "old" } })
                w:expect("the committed offset", reply.offsets.old, 0)
            end)
        end,
    },
}
