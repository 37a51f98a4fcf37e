-- common.lua: what the scenarios of this track share.

local common = { AT_ONCE = "5ms", MIN = 0.150, MAX = 0.300 }

-- Milliseconds between two times of w:now(), to the microsecond.
function common.ms(from, to) return math.floor((to - from) * 1000000 + 0.5) / 1000 end

-- What a node says of itself; clients have no delay, so it is as of now.
function common.state(w, node)
    common.asker = common.asker or {}
    if common.asker[w] == nil then common.asker[w] = w:client() end
    return common.asker[w]:ask(node, { type = "state" }, common.AT_ONCE)
end

-- Compares the state of a node with the one it should be in. leader: a name, or nil for null.
function common.expect_state(w, node, role, term, leader)
    local state = common.state(w, node)
    w:expect("the state of " .. node, { role = state.role, term = state.term, leader = state.leader },
        { role = role, term = term, leader = leader or null })
    return state
end

function common.heartbeat(term, leader)
    return { type = "append_entries", term = term, leader = leader, prev_index = 0, prev_term = 0,
        entries = array {}, commit = 0 }
end

function common.candidacy(term, candidate)
    return { type = "request_vote", term = term, candidate = candidate, last_index = 0, last_term = 0 }
end

-- Plays all peers. votes(m, peer) says what becomes of a request_vote: true, false or nil (silence);
-- pre-votes are granted, heartbeats are obeyed.
function common.play(w, votes)
    for _, name in ipairs(w.peers) do
        w:play(name, function(m, peer)
            local term = m.body.term
            if m.type == "request_vote" and m.body.pre then
                return { type = "request_vote_ok", term = term, granted = true, pre = true }
            elseif m.type == "request_vote" then
                local granted = votes(m, peer)
                if granted ~= nil then return { type = "request_vote_ok", term = term, granted = granted } end
            elseif m.type == "append_entries" then
                return { type = "append_entries_ok", term = term, ok = true, match = 0 }
            end
        end)
    end
end

-- Waits until the node is in this role and gives its state.
function common.await_role(w, node, role, within)
    return w:await(node .. " is " .. role, within, function()
        local state = common.state(w, node)
        if state.role == role then return state end
        return nil, "it is " .. state.role .. " of term " .. state.term
    end, "2ms")
end

-- Which of these nodes say that they lead: a list of { node =, term = }.
function common.leaders(w, nodes)
    local list = {}
    for _, node in ipairs(nodes) do
        local state = common.state(w, node)
        if state.role == "leader" then list[#list + 1] = { node = node, term = state.term } end
    end
    return list
end

-- The one leader that all of these nodes name, or nil and why not.
function common.agreed(w, nodes)
    local leader, term
    for _, node in ipairs(nodes) do
        local state = common.state(w, node)
        if state.leader == nil or state.leader == null then
            return nil, node .. " knows no leader"
        elseif leader ~= nil and (state.leader ~= leader or state.term ~= term) then
            return nil, string.format("%s names %s of term %d, another names %s of term %d", node,
                state.leader, state.term, leader, term)
        end
        leader, term = state.leader, state.term
    end
    for _, node in ipairs(nodes) do
        if node == leader then return leader, term end
    end
    return nil, leader .. " is named, which is not among them"
end

-- Waits for a leader that all of these nodes name; gives its name, its term and how long that took.
function common.await_leader(w, nodes, within)
    local began, term = w:now()
    local leader = w:await("one leader that all running nodes name", within, function()
        local name, of = common.agreed(w, nodes)
        if name ~= nil and common.state(w, name).role ~= "leader" then
            return nil, name .. " does not say so itself"
        end
        term = of
        return name, of
    end, "5ms")
    return leader, term, w:now() - began
end

function common.without(list, ...)
    local rest = {}
    for _, name in ipairs(list) do
        local out = false
        for _, other in ipairs { ... } do out = out or other == name end
        if not out then rest[#rest + 1] = name end
    end
    return rest
end

local function once(w, table, key, name, what, m)
    local first = table[key]
    if first == nil then
        table[key] = { name = name, m = m }
    elseif first.name ~= name then
        w:fail { what = what, expected = "one", seen = first.name .. ", then " .. name,
            about = { first.m, m } }
    end
end

-- Judges the messages that the program's own nodes have sent since then; no node is asked. Pre-votes are
-- no votes.
function common.judge(w, since)
    local ours, leaders, votes, last = {}, {}, {}, {}
    for _, node in ipairs(w.nodes) do ours[node] = true end
    for _, m in ipairs(w:sent { from_kind = "node", to_kind = "node", since = since or 0 }) do
        local body, from = m.body, m.from
        if ours[from] and not body.pre and math.type(body.term) == "integer" then
            local before, term = last[from], body.term
            local vote, whose = from .. " " .. term, from .. "'s vote in term " .. term
            if before ~= nil and term < before.body.term then
                w:fail { what = "the term of " .. from, expected = "never lower than " ..
                    before.body.term, seen = term, about = { before, m } }
            end
            last[from] = m
            if m.type == "append_entries" then
                once(w, leaders, term, from, "leaders of term " .. term, m)
            elseif m.type == "request_vote" then
                once(w, votes, vote, from, whose, m)
            elseif m.type == "request_vote_ok" and body.granted == true then
                once(w, votes, vote, m.to, whose, m)
            end
        end
    end
end

-- The last step of each story.
function common.safety(w, since)
    w:step("one leader a term, one vote a node and term, and terms never fall", function()
        common.judge(w, since)
    end)
end

-- Starts all of these nodes anew, with empty folders, and gives when.
function common.fresh(w, nodes)
    for _, node in ipairs(w.nodes) do w:kill(node) end
    w:sleep("200ms")                                    -- what is under way gets lost
    local since = w:now()
    w:all(nodes, function(node) w:start(node, { data = "empty" }) end)
    return since
end

-- The store outside of the cluster, played by the scenario: it takes put with a token, refuses tokens lower
-- than one it has seen, and writes down everything in vault.log: { m =, accepted = }.
function common.vault(w)
    local vault = { top = 0, values = {}, log = {} }
    w:play("vault", function(m)
        if m.type ~= "put" then return nil end
        local token = m.body.token
        if math.type(token) ~= "integer" then
            w:fail { what = "the token of a put", expected = "an integer", seen = tostring(token), about = m }
        end
        local accepted = token >= vault.top and not vault.refuse
        vault.log[#vault.log + 1] = { m = m, accepted = accepted }
        if not accepted then
            return { type = "error", code = 22, text = "an older token",
                token = math.max(vault.top, token + 1) }
        end
        vault.top = token
        vault.values[m.body.key] = m.body.value
        return { type = "put_ok" }
    end)
    return vault
end

-- Starts these nodes of a cluster to which the vault does not belong.
function common.start(w, nodes, by_lease, options)
    w:all(nodes, function(node)
        local how = { members = w.nodes }
        for key, value in pairs(options or {}) do how[key] = value end
        w:start(node, how)
    end)
    if by_lease then
        local c = w:client()
        for _, node in ipairs(nodes) do c:ask(node, { type = "mode", mode = "lease" }, common.AT_ONCE) end
    end
end

-- Every token is one node's, in all puts of a story.
function common.one_holder(w)
    local holders = {}
    for _, m in ipairs(w:sent { to = "vault", type = "put" }) do
        once(w, holders, m.body.token, m.from, "nodes that use token " .. tostring(m.body.token), m)
    end
end

return common
