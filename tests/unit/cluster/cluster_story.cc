#include "tests/unit/cluster/cluster_story.h"

#include "core/base/check.h"

namespace trialog::node::test {
namespace {

constexpr Duration step = milliseconds(5);
constexpr std::uint16_t client_port = 9092;
constexpr std::uint16_t controller_port = 9093;

std::string name_of(int id) { return "broker" + std::to_string(id); }

Task<bool> stop_node(NodeProcess& process) {
  co_await process.stop();
  co_return true;
}

}  // namespace

NodeProcess::NodeProcess(Env env, Options options)
    : node_(env, std::move(options)), tasks_(env.executor) {
  tasks_.spawn("node", live());
}

Task<void> NodeProcess::live() {
  auto started = co_await node_.start();
  if (!started) {
    trouble_ = started.error().what();
    co_return;
  }
  serving_ = true;
  auto failure = co_await node_.failure();
  serving_ = false;
  trouble_ = failure.what();
}

Task<void> NodeProcess::stop() {
  serving_ = false;
  auto stopped = co_await node_.stop();
  if (!stopped) trouble_ = stopped.error().what();
}

ClusterStory::ClusterStory(std::uint64_t seed, int brokers, metadata::Settings settings)
    : brokers_(brokers),
      settings_(std::move(settings)),
      datacenter_(seed),
      client_(datacenter_.machine("client")) {
  client_.start(sim::idle_program);
  boots_all();
}

metadata::Settings ClusterStory::settings_of(int id) const {
  auto settings = settings_;
  std::string voters;
  for (int voter = 1; voter <= brokers_; ++voter) {
    voters += (voter == 1 ? "" : ",") + std::to_string(voter) + "@" + name_of(voter) + ":" +
              std::to_string(controller_port);
  }
  settings["process.roles"] = "broker,controller";
  settings["node.id"] = std::to_string(id);
  settings["controller.quorum.voters"] = voters;
  settings["listeners"] = "PLAINTEXT://" + name_of(id) + ":" + std::to_string(client_port) +
                          ",CONTROLLER://" + name_of(id) + ":" + std::to_string(controller_port);
  settings["advertised.listeners"] =
      "PLAINTEXT://" + name_of(id) + ":" + std::to_string(client_port);
  settings["controller.listener.names"] = "CONTROLLER";
  settings["log.dirs"] = "/data";
  return settings;
}

std::vector<Endpoint> ClusterStory::bootstrap() const {
  std::vector<Endpoint> list;
  for (int id = 1; id <= brokers_; ++id) list.emplace_back(name_of(id), client_port);
  return list;
}

void ClusterStory::boots(int id) {
  auto parsed = parse(settings_of(id), false);
  for (const auto& problem : parsed.problems) ADD_FAILURE() << problem;
  CHECK(parsed.options.has_value());
  auto options = *parsed.options;
  if (!options.cluster_id) options.cluster_id = "AAAAAAAAAAAAAAAAAAAAAQ";
  machine(id).start([options](Env env) { return std::make_unique<NodeProcess>(env, options); });
}

void ClusterStory::boots_all() {
  for (int id = 1; id <= brokers_; ++id) boots(id);
}

bool ClusterStory::is_up(int id) {
  auto& on = machine(id);
  return on.running() && process(id).serving();
}

bool ClusterStory::stops(int id, Duration limit) {
  auto& on = machine(id);
  const auto stopped = sim::run_for_result(world(), on.env(), stop_node(process(id)), limit);
  on.stop();
  return stopped.has_value();
}

bool ClusterStory::until(const std::function<bool()>& done, Duration limit) {
  const auto end = world().now() + limit;
  while (!done()) {
    if (world().now() >= end) return false;
    world().run_until(world().now() + step);
  }
  return true;
}

bool ClusterStory::all_serving(Duration limit) {
  return until(
      [this] {
        for (int id = 1; id <= brokers_; ++id) {
          if (!is_up(id)) return false;
        }
        return true;
      },
      limit);
}

int ClusterStory::controller() {
  int found = 0;
  for (int id = 1; id <= brokers_; ++id) {
    if (!machine(id).running() || !node(id).is_assembled()) continue;
    if (!node(id).metadata().controls()) continue;
    if (found != 0) return 0;
    found = id;
  }
  return found;
}

const metadata::Partition& ClusterStory::partition(int seen_by, const std::string& topic,
                                                   int index) {
  const auto* partition = node(seen_by).image()->partition(topic, index);
  CHECK(partition != nullptr);
  return *partition;
}

client::ConnectionOptions connection_to(const ClusterStory& story) {
  client::ConnectionOptions options;
  options.bootstrap = story.bootstrap();
  options.request_timeout = seconds(5);
  return options;
}

}  // namespace trialog::node::test
