package io.blendnet.manager;

import io.blendnet.domain.AgentName;
import io.blendnet.protocol.AgentConfig;
import io.blendnet.protocol.ErrorCode;
import io.blendnet.protocol.OutputInfo;
import io.blendnet.protocol.ResourceInfo;
import io.blendnet.server.ApiException;
import io.blendnet.server.ApiMethod;
import io.blendnet.server.ApiRequest;
import io.blendnet.server.ApiResponse;
import io.blendnet.server.ApiRoute;
import io.blendnet.server.ApiRoutes;
import io.blendnet.server.RouteAnswer;
import io.blendnet.server.RouteBody;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;

/** Endpoints that only a Manager has: the farm's machines, and the composed files of a task. */
final class FarmEndpoints implements ApiRoutes {
  private final AgentDesk agents;
  private final TaskDesk tasks;
  private final Supplier<ResourceInfo.ManagerMachine> manager;

  FarmEndpoints(AgentDesk agents, TaskDesk tasks, Supplier<ResourceInfo.ManagerMachine> manager) {
    this.agents = agents;
    this.tasks = tasks;
    this.manager = manager;
  }

  @Override
  public List<ApiRoute> routes() {
    return List.of(
        ApiRoute.get(
            "resources",
            "The machines of the farm",
            ResourceInfo.class,
            _ -> ApiResponse.data(new ResourceInfo(manager.get(), agents.machines()))),
        ApiRoute.of(
                ApiMethod.PUT,
                "agent/{name}/config",
                "Adds a machine that someone else started",
                new RouteAnswer.Done(),
                this::putAgent)
            .taking(RouteBody.json(AgentConfig.class)),
        ApiRoute.of(
            ApiMethod.DELETE,
            "agent/{name}",
            "Takes an agent out; what it had leased goes back",
            new RouteAnswer.Done(),
            this::removeAgent),
        ApiRoute.of(
            ApiMethod.GET,
            "agent/{name}/log",
            "An agent's log",
            new RouteAnswer.DataByName(String.class),
            request -> ApiResponse.data(agents.log(agent(request)))),
        ApiRoute.of(
            ApiMethod.GET,
            "task/{name}/output",
            "The composed files: the picture first, then what File Output nodes wrote",
            new RouteAnswer.Data(OutputInfo[].class),
            this::outputs),
        ApiRoute.of(
            ApiMethod.GET,
            "task/{name}/output/{path+}",
            "One composed file",
            new RouteAnswer.File(),
            this::output));
  }

  private ApiResponse putAgent(ApiRequest request) throws IOException {
    agents.put(agent(request), request.json(AgentConfig.class));
    return ApiResponse.done("The agent belongs to the farm");
  }

  private ApiResponse removeAgent(ApiRequest request) throws IOException {
    agents.remove(agent(request));
    return ApiResponse.done("The agent is taken out");
  }

  private ApiResponse outputs(ApiRequest request) {
    return ApiResponse.data(
        tasks.outputs(request.task()).stream()
            .map(output ->
                new OutputInfo(output.path(), output.contentType(), output.sha1(), output.size()))
            .toList());
  }

  private ApiResponse output(ApiRequest request) throws IOException {
    return ApiResponse.file(tasks.output(request.task(), request.filePath()));
  }

  private static AgentName agent(ApiRequest request) {
    String name = request.part("name");
    if (!AgentName.isValid(name)) {
      throw new ApiException(
          ErrorCode.INVALID_REQUEST,
          "An agent's name is 1 to 100 of letters, digits, '.', '_' and '-': '%s'".formatted(name));
    }
    return new AgentName(name);
  }
}
