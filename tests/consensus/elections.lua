-- elections: nodes elect leaders as in Raft 5.2 and tell their role; some echo for company.
--
-- Safety, judged from every answer to `role`: a term has one leader, whoever names it, and no node's
-- term goes back, not even after a kill. Liveness, judged from the last answers, given all at one
-- instant when faults have been over for the time of recovery: one node leads and all name it.
-- Blind spot: a leader of whom no answer speaks.

local function moment(seconds) return string.format("%.3f s", seconds) end

-- What must not be is said about the node whose answer showed it.
local function judge_leader(w, node, name, reply)
    if reply.role == "leader" and reply.leader ~= name then
        w:blame(node, string.format('%s says at %s that it leads term %d, but names "%s" as its leader',
            name, moment(w:now()), reply.term, reply.leader))
    end
    if reply.leader == "" then return end
    local known = w.state.leaders[reply.term]
    if known == nil then
        w.state.leaders[reply.term] = { name = reply.leader, said_by = name, at = w:now() }
    elseif known.name ~= reply.leader then
        w:blame(node, string.format("term %d has two leaders: %s named %s at %s, %s named %s at %s",
            reply.term, known.said_by, known.name, moment(known.at), name, reply.leader,
            moment(w:now())))
    end
end

local function judge_term(w, node, name, reply)
    local last = w.state.terms[node]
    if last ~= nil and reply.term < last.term then
        w:blame(node, string.format("%s was in term %d at %s and is in term %d at %s; terms never go back",
            name, last.term, moment(last.at), reply.term, moment(w:now())))
    end
    w.state.terms[node] = { term = reply.term, at = w:now() }
end

local function ask_role(w, client)
    local node, name = client.node, w.node_names[client.node + 1]
    local reply = client:call({ type = "role" })
    judge_term(w, node, name, reply)
    judge_leader(w, node, name, reply)
    return { role = reply.role, term = reply.term, leader = reply.leader }
end

local function text_of(answer)
    return string.format('%s, term %d, leader "%s"', answer.role, answer.term, answer.leader)
end

local function judge_end(w)
    local leader_name = w.state.last[0] and w.state.last[0].leader
    for node, name in ipairs(w.node_names) do
        local answer = w.state.last[node - 1]
        if answer == nil then
            w:blame(node - 1, name .. " did not tell its role after all faults had ended")
        elseif answer.leader == "" or answer.leader ~= leader_name or
            (answer.role == "leader") ~= (name == leader_name) then
            local other = node == 1 and "" or "n0 is " .. text_of(w.state.last[0]) .. "; "
            w:blame(node - 1, string.format("no leader that all follow after all faults had ended: " ..
                "%s%s is %s", other, name, text_of(answer)))
        end
    end
end

return workload {
    name = "elections",
    summary = "A term has one leader, and when the trouble ends all nodes follow one.",
    requests = {
        role = { role = "string", term = "integer", leader = "string" },
        echo = { echo = "any" },
    },
    idempotent = { role = true },

    begin = function(w)
        w.state.leaders, w.state.terms, w.state.last = {}, {}, {}
    end,

    op = function(w)
        if w:random(4) == 1 then
            return { f = "echo", value = "Please echo " .. w:random(0, 127) }
        end
        return { f = "role", value = null }
    end,

    invoke = function(w, client, op)
        if op.f == "echo" then
            return client:call({ type = "echo", echo = op.value }).echo
        end
        local answer = ask_role(w, client)
        if op.final then w.state.last[client.node] = answer end
        return answer
    end,

    final = function()
        return once { f = "role", value = null }
    end,

    judge = judge_end,

    check = { "echo" },
}
