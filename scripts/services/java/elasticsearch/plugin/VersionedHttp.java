package snug.services;

import org.apache.lucene.util.BytesRef;
import org.elasticsearch.common.network.NetworkService;
import org.elasticsearch.common.recycler.Recycler;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.http.AbstractHttpServerTransport;
import org.elasticsearch.telemetry.TelemetryProvider;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.xcontent.NamedXContentRegistry;

/** Elasticsearch's own HTTP layer, as far as version 9 wants it otherwise than others do. */
abstract class VersionedHttp extends AbstractHttpServerTransport {
    VersionedHttp(
            Settings settings,
            NetworkService network,
            Recycler<BytesRef> recycler,
            ThreadPool threadPool,
            NamedXContentRegistry registry,
            Dispatcher dispatcher,
            ClusterSettings clusterSettings) {
        super(settings, network, recycler, threadPool, registry, dispatcher, clusterSettings, TelemetryProvider.NOOP);
    }

    @Override
    protected void startInternal() {
        bindServer();
    }
}
