package io.blendnet.domain;

import java.util.Optional;

/**
 * What an agent has to do, as others may see it.
 *
 * @param task the task of its oldest lease
 * @param share of that task's frame that came from this agent, 0 to 1
 * @param cellsStored cells of that task that came from this agent
 * @param cellsLeased cells that it has
 * @param setAside why it gets no work of any task; empty while it does
 */
public record AgentView(
    AgentName name,
    int cores,
    Optional<TaskName> task,
    double share,
    int cellsStored,
    int cellsLeased,
    Optional<String> setAside) {}
