-- 18-leaders.lua: a leader for every partition.
local common = require "common"

local KEYS = {}
for i = 1, 12 do KEYS[i] = "p" .. i end

local function start(w, c)
    local cluster = common.cluster(w, c, { engine = "log", min_isr = 2 })
    for _, key in ipairs(KEYS) do common.make_log(w, c, cluster, key, { replicas = 3 }) end
    w:sleep("1s")
    return cluster
end

local function some_sends(w, c, cluster, n)
    for _ = 1, n do
        local key = w:pick(KEYS)
        if common.offer(w, c, cluster, key, 6) == nil then
            w:fail { what = "a send to " .. key, expected = "acknowledged within 6 s", seen = "no acknowledgement" }
        end
    end
end

local function leader_of(w, c, cluster, key)
    return w:await(key .. " has a leader", "5s", function()
        local all = common.metadata(w, c, w:pick(common.up(w, cluster)))
        local leader = all and all[key] and all[key].leader
        return type(leader) == "string" and not cluster.down[leader] and leader or nil
    end, "50ms")
end

local function back_within_3s(w, c, cluster, keys)
    w:all(keys, function(key)
        local client = w:client()
        if common.offer(w, client, cluster, key, 3) == nil then
            w:fail { what = "a send to " .. key, expected = "acknowledged within 3 s", seen = "no acknowledgement" }
        end
    end)
end

local function stop(w, cluster, node) w:kill(node) cluster.down[node] = true end
local function again(w, cluster, node, how) w:start(node, how) cluster.down[node] = nil end

local function no_more_than_four(w, c, cluster)
    w:sleep("10s")
    local loads, most = common.loads(w, c, cluster, w:pick(common.up(w, cluster)))
    if loads == nil then w:fail("every log has a leader 10 s after all is calm") end
    w:expect_at_most("logs led by one node: " .. json_text(loads), most, 4)
end

return task {
    seeds = 2,
    part {
        name = "calm", nodes = 5, disk = true, latency = "10ms",
        run = function(w)
            local c, cluster = w:client(), nil
            w:step("twelve logs of three replicas have leaders, and all nodes name the same", function()
                cluster = start(w, c)
                for _, node in ipairs(w.nodes) do
                    local _, most, all = common.loads(w, c, cluster, node)
                    w:expect_at_most("logs led by one node", most, 4)
                    for key in pairs(cluster.logs) do
                        w:expect("how many replicas " .. key .. " has", #all[key].replicas, 3)
                        w:expect("the leader of " .. key .. " at " .. node, all[key].leader,
                            common.metadata(w, c, "n0")[key].leader)
                    end
                end
            end)
            w:step("who does not lead says who does", function()
                local all = common.metadata(w, c, "n0")
                for _ = 1, 12 do
                    local key = w:pick(KEYS)
                    local node = w:pick(w:others(all[key].leader))
                    local refused = c:refused(node, { type = "send", key = key, msg = "x" }, 1002)
                    w:expect("the leader that is named", refused.leader, all[key].leader)
                    w:expect("the epoch that is named", refused.epoch, all[key].epoch)
                end
                some_sends(w, c, cluster, 60)
                common.verify_logs(w, c, cluster)
            end)
            w:step("a quiet cluster sends at most 20 messages a second a node", function()
                w:sleep("2s")
                local begun = w:now()
                w:sleep("10s")
                for _, node in ipairs(w.nodes) do
                    w:expect_at_most("messages a second from " .. node, #w:sent { from = node, since = begun } / 10, 20)
                end
            end)
        end,
    },
    part {
        name = "deaths", nodes = 5, disk = true, latency = "10ms",
        run = function(w)
            local c, cluster = w:client(), nil
            w:step("what was acknowledged just before its leader died is there", function()
                cluster = start(w, c)
                for _ = 1, 2 do
                    local key = w:pick(KEYS)
                    some_sends(w, c, cluster, 20)
                    local leader = leader_of(w, c, cluster, key)
                    cluster.logs[key].hint = leader
                    local offset = common.offer(w, c, cluster, key, 1)
                    stop(w, cluster, leader)
                    if offset == nil then w:fail("a send in a calm cluster is acknowledged within 1 s") end
                    common.verify_log(w, c, cluster, key)
                    again(w, cluster, leader)
                    w:sleep("3s")
                end
            end)
            w:step("a dead leader is replaced within 3 s", function()
                for _ = 1, 2 do
                    local leader, keys = leader_of(w, c, cluster, w:pick(KEYS)), {}
                    local all = common.metadata(w, c, leader)
                    for _, key in ipairs(KEYS) do if all[key].leader == leader then keys[#keys + 1] = key end end
                    stop(w, cluster, leader)
                    back_within_3s(w, c, cluster, keys)
                    some_sends(w, c, cluster, 10)
                    again(w, cluster, leader)
                    w:sleep("3s")
                end
                common.verify_logs(w, c, cluster)
            end)
            w:step("a node that is away for ever is done without, and nobody leads more than four", function()
                stop(w, cluster, w:pick(w.nodes))
                w:sleep("3s")
                some_sends(w, c, cluster, 20)
                no_more_than_four(w, c, cluster)
                common.verify_logs(w, c, cluster)
            end)
        end,
    },
    part {
        name = "asleep and cut off", nodes = 5, disk = true, latency = "10ms",
        run = function(w)
            local c, cluster = w:client(), nil
            w:step("a leader that slept for 10 s acknowledges nothing when it wakes", function()
                cluster = start(w, c)
                do
                    local key = w:pick(KEYS)
                    local leader, calls = leader_of(w, c, cluster, key), {}
                    w:pause(leader)
                    cluster.down[leader] = true
                    for i = 1, 5 do
                        local msg = ("asleep/%d/%d"):format(w:now() // 1, i)
                        cluster.logs[key].tried[msg] = true
                        calls[i] = c:begin(leader, { type = "send", key = key, msg = msg, acks = "all" })
                    end
                    w:sleep("3s")
                    some_sends(w, c, cluster, 10)
                    w:sleep("7s")
                    w:resume(leader)
                    cluster.down[leader] = nil
                    w:sleep("2s")
                    for _, call in ipairs(calls) do
                        local seen = call.reply and call.reply.type or "no reply"
                        if seen == "send_ok" then
                            w:fail { what = "the reply to a send that came while " .. leader .. " slept",
                                expected = "no send_ok", seen = seen, about = call }
                        end
                    end
                end
                common.verify_logs(w, c, cluster)
            end)
            w:step("a leader that is cut off says so within 3 s, and the others go on", function()
                local key = w:pick(KEYS)
                local leader = leader_of(w, c, cluster, key)
                local rest = w:others(leader)
                w:partition { { leader }, rest }
                cluster.down[leader] = true
                back_within_3s(w, c, cluster, { key })
                w:sleep("1s")
                local refused = c:refused(leader, { type = "send", key = key, msg = "cut off" }, 1002, "1s")
                w:expect("the leader that is named is not " .. leader, refused.leader ~= leader, true)
                w:heal()
                cluster.down[leader] = nil
                w:sleep("3s")
                common.verify_logs(w, c, cluster)
            end)
            w:step("after partitions of all shapes and 5 % loss nothing acknowledged is missing", function()
                w:loss(0.05)
                for _ = 1, 3 do
                    local nodes = w:shuffle(w.nodes)
                    local cut = w:random(1, 3)
                    if cut == 1 then w:partition { { nodes[1], nodes[2] }, { nodes[3], nodes[4], nodes[5] } }
                    elseif cut == 2 then w:partition { { nodes[1], nodes[2] }, { nodes[4], nodes[5] } } -- nodes[3] hears both
                    else w:cut(nodes[1], { nodes[2], nodes[3] }) end
                    for _ = 1, 12 do
                        local call_key = w:pick(KEYS)
                        common.offer(w, c, cluster, call_key, 0.5)
                    end
                    w:heal()
                    w:sleep("1s")
                end
                w:loss(0)
                w:sleep("5s")
                some_sends(w, c, cluster, 10)
                common.verify_logs(w, c, cluster)
            end)
        end,
    },
    part {
        name = "another folder", nodes = 5, disk = true, latency = "10ms",
        run = function(w)
            local c, cluster = w:client(), nil
            w:step("a node that comes back with an empty folder takes nothing with it", function()
                cluster = start(w, c)
                for _ = 1, 2 do
                    some_sends(w, c, cluster, 40)
                    local node = leader_of(w, c, cluster, w:pick(KEYS))
                    w:kill(node)
                    w:start(node, { data = "empty" })
                    c:ask(node, { type = "store_config", engine = "log", min_isr = 2 })
                    w:sleep("6s")
                    common.verify_logs(w, c, cluster)
                end
            end)
            w:step("and after six seconds it can stand in for another", function()
                local node = w:pick(w.nodes)
                stop(w, cluster, node)
                w:sleep("3s")
                common.verify_logs(w, c, cluster)
                some_sends(w, c, cluster, 20)
                again(w, cluster, node)
                w:sleep("1s")
                common.verify_logs(w, c, cluster)
            end)
        end,
    },
}
