#include "core/client/connection_pool.h"

#include <algorithm>
#include <string>
#include <utility>

#include "core/client/backoff.h"

namespace trialog::client {

ConnectionPool::ConnectionPool(Env& env, const ConnectionOptions& options, Signal& news)
    : env_(env),
      options_(options),
      news_(news),
      random_(env.random.fork("client.pool")),
      tasks_(env.executor) {
  NodeId id(-1);
  for (const auto& endpoint : options.bootstrap) {
    nodes_[id].endpoint = endpoint;
    --id.value;
  }
}

void ConnectionPool::learn(const std::map<NodeId, Endpoint>& brokers) {
  std::erase_if(nodes_, [&](const auto& entry) {
    return entry.first.value >= 0 && !brokers.contains(entry.first);
  });
  for (const auto& [id, endpoint] : brokers) {
    auto& node = nodes_[id];
    if (node.endpoint == endpoint) continue;
    node = Node();
    node.endpoint = endpoint;
  }
}

ConnectionPool::LinkPtr ConnectionPool::ready(NodeId id) {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return nullptr;
  auto& node = found->second;
  if (node.link && !node.link->alive()) failed(node, *node.link->error());
  if (!node.link) begin(id, node);
  return node.link;
}

void ConnectionPool::failed(Node& node, IoError error) {
  node.link.reset();
  node.error = std::move(error);
  ++node.failures;
  node.not_before =
      env_.clock.now() +
      backoff(options_.reconnect_backoff, options_.reconnect_backoff_max, node.failures, random_);
}

void ConnectionPool::begin(NodeId id, Node& node) {
  if (node.connecting) return;
  node.connecting = true;
  node.doubtful_at = std::max(node.not_before, env_.clock.now()) + options_.reconnect_backoff_max;
  tasks_.spawn("client.doubt", doubt(node.doubtful_at));
  tasks_.spawn("client.connect", connect(id, node.endpoint, node.not_before));
}

bool ConnectionPool::is_doubtful(NodeId id) const {
  const auto found = nodes_.find(id);
  if (found == nodes_.end()) return true;
  if (found->second.link) return false;
  const auto& node = found->second;
  return node.failures > 0 || (node.connecting && env_.clock.now() >= node.doubtful_at);
}

Task<void> ConnectionPool::doubt(Instant when) {
  co_await env_.clock.sleep_until(when);
  news_.raise();
}

Task<void> ConnectionPool::connect(NodeId id, Endpoint endpoint, Instant not_before) {
  if (env_.clock.now() < not_before) co_await env_.clock.sleep_until(not_before);
  const auto deadline = env_.clock.now() + options_.connection_setup_timeout;
  auto trying = within(env_.executor, env_.clock, deadline, attempt(endpoint));
  auto link = co_await trying;
  const auto found = nodes_.find(id);
  news_.raise();
  // It may have moved or gone meanwhile, and another attempt may be under way.
  if (found == nodes_.end() || found->second.endpoint != endpoint) co_return;
  auto& node = found->second;
  node.connecting = false;
  if (link && *link) {
    node.link = std::move(**link);
    node.failures = 0;
    node.error.reset();
  } else {
    IoError late(IoError::Kind::timed_out, "connecting to " + endpoint.text());
    failed(node, link ? link->error() : std::move(late));
  }
}

Task<Result<ConnectionPool::LinkPtr>> ConnectionPool::attempt(Endpoint endpoint) {
  auto connection = co_await env_.network.connect(endpoint);
  if (!connection) co_return failure(connection.error());
  auto link = std::make_shared<Link>(env_, options_, news_, std::move(*connection));
  auto agreed = co_await link->negotiate();
  if (!agreed) co_return failure(agreed.error());
  co_return link;
}

Task<Result<ConnectionPool::LinkPtr>> ConnectionPool::link(NodeId id, Instant deadline) {
  while (true) {
    if (auto link = ready(id)) co_return link;
    const auto found = nodes_.find(id);
    if (found == nodes_.end()) {
      std::string unknown = "no broker has the id " + std::to_string(id.value);
      co_return failure(IoError::Kind::not_found, std::move(unknown));
    }
    const auto failures = found->second.failures;
    while (true) {
      auto news = within(env_.executor, env_.clock, deadline, raised(news_));
      auto told = co_await news;
      if (!told) {
        std::string late = "no connection to broker " + std::to_string(id.value) + " in time";
        co_return failure(IoError::Kind::timed_out, std::move(late));
      }
      const auto now = nodes_.find(id);
      if (now == nodes_.end() || now->second.link) break;
      if (now->second.failures > failures && now->second.error) {
        co_return failure(*now->second.error);
      }
    }
  }
}

Task<Result<ConnectionPool::LinkPtr>> ConnectionPool::any(NodeId& whom, Instant deadline) {
  while (true) {
    const auto stands = [](const auto& entry) {
      return entry.second.link && entry.second.link->alive();
    };
    auto found = nodes_.find(whom);
    if (found == nodes_.end() || !stands(*found)) found = std::ranges::find_if(nodes_, stands);
    if (found != nodes_.end()) {
      whom = found->first;
      co_return found->second.link;
    }
    // Brokers in turn, so that one which is down does not keep us from the others.
    auto connected = co_await another(whom, deadline);
    if (connected) co_return connected;
    if (nodes_.empty() || env_.clock.now() >= deadline) co_return connected;
  }
}

Task<Result<ConnectionPool::LinkPtr>> ConnectionPool::another(NodeId& whom, Instant deadline) {
  if (nodes_.empty()) {
    co_return failure(IoError::Kind::not_found, std::string("no bootstrap servers"));
  }
  whom = next_in_turn(whom);
  co_return co_await link(whom, deadline);
}

NodeId ConnectionPool::next_in_turn(NodeId last) const {
  const auto known = nodes_.find(last);
  auto next = nodes_.upper_bound(last);
  for (std::size_t i = 0; i < nodes_.size(); ++i, ++next) {
    if (next == nodes_.end()) next = nodes_.begin();
    // A bootstrap server is often a broker that is known by its id, too.
    if (known == nodes_.end() || next->second.endpoint != known->second.endpoint)
      return next->first;
  }
  if (next == nodes_.end()) next = nodes_.begin();
  return next->first;
}

}  // namespace trialog::client
