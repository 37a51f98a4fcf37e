-- Task 2: names and members. Clusters of several sizes, with names of several kinds, in any order.

local common = require "common"

local function peers_of(members, node)
    local peers = array {}
    for _, name in ipairs(members) do
        if name ~= node then peers[#peers + 1] = name end
    end
    table.sort(peers)
    return peers
end

local function ask_whoami(w, client, node, members)
    local call = client:begin(node, { type = "whoami" })
    local reply = common.is_ok(w, call, common.at_once(w, call))
    w:expect("node_id", reply.node_id, node, call)
    w:expect("peers, sorted by bytes", reply.peers, peers_of(members, node), call)
    w:expect("the majority of " .. #members, reply.majority, #members // 2 + 1, call)
end

-- What a node has sent since then: init_ok first and once, and never the same msg_id twice.
local function check_sent(w, node, since)
    local seen = {}
    for i, m in ipairs(w:sent { from = node, since = since }) do
        w:expect("message " .. i .. " of " .. node .. " is init_ok", m.type == "init_ok", i == 1, m)
        local id = m.body.msg_id
        if i > 1 and math.type(id) ~= "integer" then
            w:fail { what = "the msg_id of a message of " .. node, expected = "an integer",
                seen = id == nil and "none" or json_text(id), about = m }
        end
        if id ~= nil and seen[id] then
            w:fail { what = "the msg_id of a message of " .. node, expected = "a number never used before",
                seen = id .. " once more", about = { seen[id], m } }
        end
        if id ~= nil then seen[id] = m end
    end
end

local function story(w)
    w:step("whoami tells name, peers and majority", function()
        local clients = { w:client(), w:client() }
        for _, node in ipairs(w.nodes) do
            for i = 1, 4 do ask_whoami(w, clients[i % 2 + 1], node, w.members) end
        end
    end)
    w:step("init_ok comes first and once, and no msg_id comes twice", function()
        w:sleep("1s")
        for _, node in ipairs(w.nodes) do check_sent(w, node, 0) end
    end)
end

local function shuffled(names)
    return function(random)
        local all = {}
        for i, name in ipairs(names) do all[i] = name end
        for i = #all, 2, -1 do
            local j = random(1, i)
            all[i], all[j] = all[j], all[i]
        end
        return all
    end
end

-- Forty members of which one has a process: that is the one that is asked.
local others = {}
for i = 1, 40 do others[#others + 1] = i ~= 17 and "n" .. i or nil end

return task {
    part { name = "alone", nodes = { "n7" }, run = story },
    part { name = "two", nodes = shuffled { "n2", "n10" }, run = story },
    part { name = "five", nodes = shuffled { "n3", "eu-west-3", "n21", "a", "eu-west-10" }, run = story },
    part { name = "forty", nodes = { "n17" }, peers = others, start = false, run = function(w)
        local members = w:shuffle(w.members)
        w:step("a node starts among forty members", function() w:start("n17", { members = members }) end)
        w:step("it tells name, peers and majority", function() ask_whoami(w, w:client(), "n17", members) end)
    end },
    part { name = "another name after a restart", nodes = { "n1" }, peers = { "n2", "n3" }, run = function(w)
        w:step("whoami before the restart", function()
            ask_whoami(w, w:client(), "n1", w.members)
        end)
        w:step("whoami after the restart under another name", function()
            w:sleep("1s")
            local since, members = w:now(), { "n44", "n2", "n3", "n1" }
            w:restart("n1", { id = "n44", members = members })
            ask_whoami(w, w:client(), "n44", members)
            check_sent(w, "n44", since)
        end)
    end },
}
