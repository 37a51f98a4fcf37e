-- kafka: append-only logs by key; clients send to them, poll them in order and commit how far they are.
--
-- A client remembers the offset that it reads next for each key it is assigned to. Assigning takes
-- its own position where it has one, else what it finds committed, else 0. In the end each worker
-- starts from a new client, reads all logs from the beginning, and goes on until it has seen as
-- much as anyone ever did.

local FINAL_TIME = 10 -- seconds for the final polls

local function send(w, client, key, value)
    w.state.sent_keys[key] = true
    local offset = client:call({ type = "send", key = key, msg = value }).offset
    return array { "send", key, array { offset, value } }
end

local function poll(w, client)
    local reply = client:call({ type = "poll", offsets = client.positions })
    local seen, commits = {}, {}
    for key, pairs_of_key in pairs(reply.msgs == null and {} or reply.msgs) do
        local list = pairs_of_key == null and array {} or pairs_of_key
        seen[key] = list
        for _, pair in ipairs(list) do
            local offset = type(pair) == "table" and pair[1]
            if math.type(offset) == "integer" then
                commits[key] = math.max(commits[key] or offset, offset)
                w.state.highest[key] = math.max(w.state.highest[key] or offset, offset)
            end
        end
        if commits[key] then client.positions[key] = commits[key] + 1 end
    end
    client.idle = next(commits) == nil
    if not client.idle then
        client:call({ type = "commit_offsets", offsets = commits })
    end
    return array { "poll", seen }
end

local function assign(client, keys, from_start)
    local positions = {}
    -- Asked from the start, too: a node that cannot answer this has not passed.
    local reply = client:call({ type = "list_committed_offsets", keys = keys })
    local committed = reply.offsets == null and {} or reply.offsets
    for _, key in ipairs(keys) do
        local known = client.positions and client.positions[key]
        if from_start then
            positions[key] = 0
        else
            positions[key] = known or (committed[key] ~= null and committed[key]) or 0
        end
    end
    client.positions = positions
end

local function all_keys(w)
    local keys = array {}
    for key in pairs(w.state.sent_keys) do keys[#keys + 1] = key end
    return keys
end

local function caught_up(w, client)
    for key, offset in pairs(w.state.highest) do
        if (client.positions[key] or 0) <= offset then return false end
    end
    return true
end

return workload {
    name = "kafka",
    summary = "Messages sent to logs keep their place, and nobody who polls misses one.",
    requests = {
        send = { offset = "integer" },
        poll = { msgs = "object or null" },
        commit_offsets = {},
        list_committed_offsets = { offsets = "object or null" },
    },
    idempotent = { assign = true },

    begin = function(w)
        w.state.keys = key_pool(w)
        w.state.sent_keys, w.state.highest = {}, {}
    end,

    op = function(w, worker)
        local dice = w:random(1000)
        if worker.client.positions == nil or dice <= 60 then
            local keys, chosen = array {}, {}
            for _ = 1, w:random(w.state.keys.count) do
                chosen[tostring(w.state.keys:pick())] = true
            end
            for key in pairs(chosen) do keys[#keys + 1] = key end
            return { f = "assign", value = keys }
        elseif dice <= 62 then
            return { f = "crash", value = null }
        elseif dice % 2 == 0 then
            local key, value = w.state.keys:write()
            return { f = "send", value = array { array { "send", tostring(key), value } } }
        end
        return { f = "poll", value = array { array { "poll" } } }
    end,

    invoke = function(w, client, op)
        if op.f == "crash" then
            client:give_up()
        elseif op.f == "assign" then
            assign(client, op.value, op.final)
        elseif op.f == "send" then
            return array { send(w, client, op.value[1][2], op.value[1][3]) }
        else
            return array { poll(w, client) }
        end
    end,

    final = function(w, worker)
        local step, deadline = 0, w:now() + FINAL_TIME
        return function()
            step = step + 1
            if step == 1 then return { f = "crash", value = null } end
            if step > 2 and w:now() >= deadline then return nil end
            if step == 2 or worker.client.positions == nil then
                if step > 2 then w:sleep("100ms") end
                return { f = "assign", value = all_keys(w) }
            end
            if caught_up(w, worker.client) then return nil end
            if worker.client.idle then w:sleep("100ms") end
            return { f = "poll", value = array { array { "poll" } } }
        end
    end,

    check = { "kafka" },
}
