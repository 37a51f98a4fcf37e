-- decide.lua: operations and faults that were decided beforehand, and the record of faults that were drawn.
--
-- A run is made smaller (src/run/shrink.c) by leaving out what it decided. What is not drawn but given:
--   workers     the names of the nodes that the workers are bound to
--   operations  { { at =, worker =, f =, value = }, ... } in the order of time; worker is a place in workers,
--               from 0. An operation waits for the one before it of its worker
--   final       the workers that carry out last operations
--   faults      { { kind =, start =, stop =, plan = }, ... }; stop may be null: never. If the plan has a cue,
--               armed is when the wait for it began; the fault lasts as long as from start to stop. A plan that
--               is null is drawn
--   ["end"]     when the load is over, if nothing of the above takes longer
-- All times are ns since the run began. Operations and workers of a drawn run are seen in its history, so of
-- those nothing is told here; faults and the end are (sys.decided).

local sys, faults, cues, fault_event = ...

local decide = {}

local told = 0
local open = {} -- by plan: the window that is under way

-- A plan that is drawn as it goes has grown: a run may end before the fault does, and wants all of it.
function cues.grown(plan)
    local o = open[plan]
    if o then sys.decided("faults", o.place, o.window) end
end

-- Waits for the plan's cue, if it has one. False: the fault is not to be. In a drawn run one whose cue does not come
-- goes on without, at whoever is heard most.
local function await_cue(w, kind, plan, until_ns)
    local cue, aim = plan.cue, faults[kind].aim
    if cue == nil then return true end
    local patience_ns = w.decided and until_ns or math.min(until_ns, sys.now() + cues.draw_patience())
    local node, other = cues.await(w, cue, cue.nth, nil, patience_ns)
    if node then
        sys.sleep_until(sys.now() + cue.wait_ns)
        aim(w, plan, node, other)
    elseif not w.decided then
        node, plan.cue = cues.busiest(w), nil
        if node then aim(w, plan, node) end
    end
    return node ~= nil and sys.now() < until_ns
end

-- One fault from its plan until stop_ns(), which is asked once it has begun. It begins before until_ns, or never.
function decide.strike(w, kind, plan, until_ns, stop_ns)
    local fault, armed = faults[kind], sys.now()
    if not await_cue(w, kind, plan, until_ns) then return end
    local place = told
    local window = { kind = kind, armed = plan.cue and armed or nil, start = sys.now(), stop = null, plan = plan }
    told = told + 1
    local text, what = fault.start(w, plan)
    fault_event(w, fault.told_as or kind, "start", text)
    sys.decided("faults", place, window)
    open[plan] = { place = place, window = window }
    local stop = stop_ns()
    if stop == nil then return end
    sys.sleep_until(stop)
    window.stop, open[plan] = sys.now(), nil
    sys.decided("faults", place, window)
    fault_event(w, fault.told_as or kind, "stop", text)
    fault.stop(w, what)
end

function decide.ended() sys.decided("end", 0, { at = sys.now() }) end

---------------------------------------------------------------------------------------------------
-- A decided run.

local PATIENCE_NS = 1000000000 -- longer than it took in the run before

local function window_strand(w, window)
    return function()
        local from = window.armed or window.start
        if window.plan == null then sys.watch() end -- cues are drawn from what was said by then
        if from > sys.now() then sys.sleep_until(from) end
        local plan = window.plan ~= null and window.plan or faults[window.kind].plan(w)
        decide.strike(w, window.kind, plan, math.max(window.start, sys.now()) + PATIENCE_NS, function()
            if window.stop == null then return nil end
            return window.armed and sys.now() + window.stop - window.start or math.max(window.stop, sys.now())
        end)
    end
end

local function worker_strand(w, worker, operations, perform)
    return function()
        for _, o in ipairs(operations) do
            if o.at > sys.now() then sys.sleep_until(o.at) end
            perform(w, worker, { f = o.f, value = o.value })
        end
    end
end

-- What the workers and the nemesis do, one function each.
function decide.strands(w, workers, perform)
    local decided, of_worker, strands = w.decided, {}, {}
    for i = 1, #workers do of_worker[i] = {} end
    for _, o in ipairs(decided.operations) do
        table.insert(of_worker[o.worker + 1], o)
    end
    for _, window in ipairs(decided.faults) do strands[#strands + 1] = window_strand(w, window) end
    for i, worker in ipairs(workers) do
        strands[#strands + 1] = worker_strand(w, worker, of_worker[i], perform)
    end
    strands[#strands + 1] = function()
        if decided["end"] > sys.now() then sys.sleep_until(decided["end"]) end
    end
    return strands
end

-- The nodes of the workers, as numbers.
function decide.nodes(w)
    local nodes = {}
    for i, name in ipairs(w.decided.workers) do nodes[i] = w.node_numbers[name] end
    return nodes
end

-- Those workers that have last operations.
function decide.final(w, workers)
    local chosen = {}
    for i, place in ipairs(w.decided.final) do chosen[i] = workers[place + 1] end
    return chosen
end

return decide
