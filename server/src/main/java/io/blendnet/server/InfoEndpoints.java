package io.blendnet.server;

import io.blendnet.protocol.ServerInfo;
import io.blendnet.protocol.ServerStatus;
import java.io.IOException;
import java.util.List;

/** What a server tells about itself and its machine: {@code info}, {@code status}, {@code log}. */
public final class InfoEndpoints implements ApiRoutes {
  private final ServerFacts facts;
  private final LogBuffer log;
  private final HostFacts host = new HostFacts();

  public InfoEndpoints(ServerFacts facts, LogBuffer log) {
    this.facts = facts;
    this.log = log;
  }

  @Override
  public List<ApiRoute> routes() {
    return List.of(
        ApiRoute.get(
            "info",
            "What the server and its machine are",
            ServerInfo.class,
            _ ->
                ApiResponse.data(
                    new ServerInfo(
                        facts.engine(),
                        facts.version(),
                        host.platform(),
                        facts.blender(),
                        facts.scenes()))),
        ApiRoute.get(
            "status", "How the machine fares", ServerStatus.class, _ -> ApiResponse.data(status())),
        ApiRoute.of(
            ApiMethod.GET,
            "log",
            "The server's log: time in epoch seconds to line",
            new RouteAnswer.DataByName(String.class),
            _ -> ApiResponse.data(log.lines())));
  }

  private ServerStatus status() throws IOException {
    return new ServerStatus(
        host.load(),
        host.memory(),
        host.disk(facts.dataFolder()),
        facts.runningTasks(),
        facts.isTerminating(),
        facts.trouble());
  }
}
