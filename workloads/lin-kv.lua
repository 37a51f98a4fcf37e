-- lin-kv: registers by key with read, write and compare-and-set, as one machine would keep them.
--
-- Groups of up to twice as many workers as there are nodes share a key; half of a group only reads,
-- the others write or compare-and-set small numbers, so that they meet often. A group takes a new
-- key once KEY_PROCESSES processes have used the old one: every operation without a definite answer stays
-- open for ever, and too many of those make any verdict dear.

local KEY_PROCESSES = 20

local function group_of(w, worker)
    local size = math.min(2 * #w.node_names, w.options.concurrency)
    local index = (worker.index - 1) // size
    local group = w.state.groups[index]
    if group == nil then
        group = { used = {}, used_count = 0, key = w.state.next_key }
        w.state.next_key = w.state.next_key + 1
        w.state.groups[index] = group
    end
    return group, (worker.index - 1) % size < size // 2
end

local function key_of(w, group, process)
    if not group.used[process] then
        if group.used_count == KEY_PROCESSES then
            group.used, group.used_count = {}, 0
            group.key = w.state.next_key
            w.state.next_key = w.state.next_key + 1
        end
        group.used[process] = true
        group.used_count = group.used_count + 1
    end
    return group.key
end

-- That there is no such key is an answer like any other: a value that was acknowledged and is gone
-- again has been lost. Maelstrom takes such a read for one that failed and learns nothing from it.
local function read(w, client, key)
    local fine, result = pcall(client.call, client, { type = "read", key = key })
    if fine then return result.value end
    local reason = type(result) == "table" and result.reason
    if reason and reason[1] == "key-does-not-exist" and not w.options.maelstrom_verdict then
        return null
    end
    error(result, 0)
end

return workload {
    name = "lin-kv",
    summary = "Reads, writes and compare-and-sets must look as if one machine did them in turn.",
    requests = {
        read = { value = "any" },
        write = {},
        cas = {},
    },
    idempotent = { read = true },
    keeps_clients = true,

    timeout = function(w)
        return math.max(1, 10 * w.options.latency_ns / 1e9)
    end,

    begin = function(w)
        w.state.groups, w.state.next_key = {}, 0
    end,

    op = function(w, worker)
        local group, reads = group_of(w, worker)
        local key = key_of(w, group, worker.process)
        if reads then
            return { f = "read", value = array { key, null } }
        elseif w:random(3) == 1 then
            return { f = "write", value = array { key, w:random(0, 4) } }
        end
        return { f = "cas", value = array { key, array { w:random(0, 4), w:random(0, 4) } } }
    end,

    invoke = function(w, client, op)
        local key, argument = op.value[1], op.value[2]
        if op.f == "read" then
            return array { key, read(w, client, key) }
        elseif op.f == "write" then
            client:call({ type = "write", key = key, value = argument })
        else
            client:call({ type = "cas", key = key, from = argument[1], to = argument[2] })
        end
        return op.value
    end,

    check = { "linearizable", model = "cas-register" },
}
