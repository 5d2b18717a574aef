package snug.services;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.common.network.NetworkService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.common.util.BigArrays;
import org.elasticsearch.common.util.PageCacheRecycler;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.http.HttpPreRequest;
import org.elasticsearch.http.HttpServerTransport;
import org.elasticsearch.indices.breaker.CircuitBreakerService;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.NetworkPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.telemetry.TelemetryProvider;
import org.elasticsearch.telemetry.tracing.Tracer;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.Transport;
import org.elasticsearch.xcontent.NamedXContentRegistry;

/**
 * The Maven artifacts of Elasticsearch hold the whole engine but not its network module. This plugin is one: HTTP on the
 * loopback interface, and no transport between nodes, of which there is one. `GET /` is a module as well.
 */
@SuppressWarnings("deprecation")
public final class LoopbackPlugin extends Plugin implements NetworkPlugin, ActionPlugin {
    static final String NAME = "snug-loopback";

    @Override
    public Map<String, Supplier<Transport>> getTransports(
            Settings settings,
            ThreadPool threadPool,
            PageCacheRecycler recycler,
            CircuitBreakerService breakers,
            NamedWriteableRegistry registry,
            NetworkService network) {
        return Map.of(NAME, LonelyTransport::new);
    }

    // Not @Override, this and the next: the first is that of Elasticsearch 9, the second that of 8.
    public Map<String, Supplier<HttpServerTransport>> getHttpTransports(
            Settings settings,
            ThreadPool threadPool,
            BigArrays bigArrays,
            PageCacheRecycler recycler,
            CircuitBreakerService breakers,
            NamedXContentRegistry registry,
            NetworkService network,
            HttpServerTransport.Dispatcher dispatcher,
            BiConsumer<HttpPreRequest, ThreadContext> perRequest,
            ClusterSettings clusterSettings,
            TelemetryProvider telemetry) {
        return getHttpTransports(
                settings,
                threadPool,
                bigArrays,
                recycler,
                breakers,
                registry,
                network,
                dispatcher,
                perRequest,
                clusterSettings,
                Tracer.NOOP);
    }

    public Map<String, Supplier<HttpServerTransport>> getHttpTransports(
            Settings settings,
            ThreadPool threadPool,
            BigArrays bigArrays,
            PageCacheRecycler recycler,
            CircuitBreakerService breakers,
            NamedXContentRegistry registry,
            NetworkService network,
            HttpServerTransport.Dispatcher dispatcher,
            BiConsumer<HttpPreRequest, ThreadContext> perRequest,
            ClusterSettings clusterSettings,
            Tracer tracer) {
        return Map.of(
                NAME,
                () -> new LoopbackHttp(
                        settings, network, recycler, threadPool, registry, dispatcher, clusterSettings, perRequest));
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
            Settings settings,
            NamedWriteableRegistry registry,
            RestController controller,
            ClusterSettings clusterSettings,
            IndexScopedSettings indexSettings,
            SettingsFilter filter,
            IndexNameExpressionResolver resolver,
            Supplier<DiscoveryNodes> nodes,
            Predicate<NodeFeature> supports) {
        return List.of(new RootHandler(nodes));
    }
}
