#include "real/tools.h"

#include <fmt/format.h>

#include <cstdio>

#include "core/base/uuid.h"
#include "core/node/format.h"
#include "core/node/options_reader.h"
#include "core/node/status.h"
#include "real/machine.h"

namespace trialog::real {

namespace {

using node::FormatRequest;

ExitCode complain(std::string_view text) {
  fmt::print(stderr, "trialogd format: {}\n", text);
  return ExitCode::failed;
}

FormatRequest::Voters choice_of(const FormatArguments& arguments) {
  if (arguments.standalone) return FormatRequest::Voters::standalone;
  if (arguments.no_initial_controllers) return FormatRequest::Voters::none;
  if (!arguments.initial_controllers.empty()) return FormatRequest::Voters::listed;
  return FormatRequest::Voters::as_configured;
}

Task<void> run_format(Machine& machine, node::Options options, FormatRequest request,
                      Result<std::vector<std::string>>& result) {
  result = co_await node::format(machine.env(), std::move(options), std::move(request));
  machine.stop();
}

Task<void> run_status(Machine& machine, std::vector<Endpoint> bootstrap,
                      Result<std::string>& result) {
  result = co_await node::quorum_status(machine.env(), std::move(bootstrap), seconds(5));
  machine.stop();
}

}  // namespace

ExitCode format_directories(node::Options options, const FormatArguments& arguments,
                            ConsoleLog& log) {
  FormatRequest request;
  request.cluster_id = arguments.cluster_id;
  request.choice = choice_of(arguments);
  request.skip_formatted = arguments.ignore_formatted;
  if (request.choice == FormatRequest::Voters::listed) {
    auto voters = node::parse_initial_controllers(arguments.initial_controllers,
                                                  options.controller_listener_name);
    if (!voters) return complain(voters.error());
    request.voters = std::move(*voters);
  }
  const auto problem = node::format_problem(options, request);
  if (!problem.empty()) return complain(problem);
  Machine machine(log);
  Result<std::vector<std::string>> result;
  TaskGroup tasks(machine.env().executor);
  tasks.spawn("format", run_format(machine, std::move(options), std::move(request), result));
  machine.run();
  if (!result) return complain(result.error().what());
  for (const auto& line : *result) fmt::print("formatted {}\n", line);
  if (result->empty()) fmt::print("All of the log directories are already formatted.\n");
  return ExitCode::clean;
}

ExitCode print_status(const std::string& bootstrap, ConsoleLog& log) {
  std::vector<Endpoint> servers;
  for (const auto& text : metadata::list_value(bootstrap)) {
    auto server = node::parse_endpoint(text);
    if (!server) {
      fmt::print(stderr, "trialogd status: \"{}\" is not host:port\n", text);
      return ExitCode::usage;
    }
    servers.push_back(std::move(*server));
  }
  Machine machine(log);
  Result<std::string> result;
  TaskGroup tasks(machine.env().executor);
  tasks.spawn("status", run_status(machine, std::move(servers), result));
  machine.run();
  if (!result) {
    fmt::print(stderr, "trialogd status: none of {} answers: {}\n", bootstrap,
               result.error().what());
    return ExitCode::failed;
  }
  fmt::print("{}", *result);
  return ExitCode::clean;
}

ExitCode print_random_uuid(ConsoleLog& log) {
  Machine machine(log);
  auto random = machine.env().random;
  fmt::print("{}\n", Uuid::random(random).text());
  return ExitCode::clean;
}

}  // namespace trialog::real
