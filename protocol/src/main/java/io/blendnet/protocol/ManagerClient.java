package io.blendnet.protocol;

import io.blendnet.domain.AgentName;
import io.blendnet.domain.TaskName;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Calls that a Manager answers. Thread-safe. */
public final class ManagerClient extends FarmClient {
  /** Longest answer that is taken in, in bytes: a Manager may have very many tasks. */
  private static final long ANSWER_LIMIT = 256L << 20;

  public ManagerClient(ClientOptions options) {
    super(options, Map.of(), ANSWER_LIMIT);
  }

  public ResourceInfo resources() throws FarmException, InterruptedException {
    return connection.get("resources", ResourceInfo.class);
  }

  /** Adds a machine that someone else started. Repeating the same is a success. */
  public void putAgent(AgentName agent, AgentConfig config)
      throws FarmException, InterruptedException {
    connection.put("agent/" + WirePaths.encodePart(agent.value()) + "/config", config);
  }

  /** Takes an agent out; what it had leased goes back. */
  public void removeAgent(AgentName agent) throws FarmException, InterruptedException {
    connection.delete("agent/" + WirePaths.encodePart(agent.value()));
  }

  /** An agent's log, as in {@link #log()}. */
  public Map<String, String> agentLog(AgentName agent) throws FarmException, InterruptedException {
    return texts(connection.getTree("agent/" + WirePaths.encodePart(agent.value()) + "/log"));
  }

  /** The composed files of a task: the picture first, then what File Output nodes wrote. */
  public List<OutputInfo> outputs(TaskName task) throws FarmException, InterruptedException {
    return List.of(connection.get(outputPath(task), OutputInfo[].class));
  }

  /**
   * Fetches a composed file: into {@code NAME.part} beside the target, verified, then renamed.
   *
   * @throws FarmException the Manager is out of reach or refuses, or what came is not what it has
   * @throws IOException the file cannot be written
   */
  public void downloadOutput(
      TaskName task, OutputInfo output, Path target, TransferProgress progress)
      throws IOException, InterruptedException {
    connection.download(
        outputPath(task) + "/" + WirePaths.encodeFile(output.path()), target, progress);
  }

  private static String outputPath(TaskName task) {
    return "task/" + WirePaths.encodePart(task.value()) + "/output";
  }
}
