package snug.services;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import org.elasticsearch.action.ActionListener;
import org.elasticsearch.action.support.SubscribableListener;
import org.elasticsearch.common.network.NetworkService;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.util.PageCacheRecycler;
import org.elasticsearch.common.util.concurrent.ThreadContext;
import org.elasticsearch.http.HttpPreRequest;
import org.elasticsearch.http.HttpServerChannel;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.threadpool.ThreadPool;
import org.elasticsearch.transport.BytesRefRecycler;
import org.elasticsearch.xcontent.NamedXContentRegistry;

/** Elasticsearch's own HTTP layer over the HTTP server of the JDK. */
final class LoopbackHttp extends VersionedHttp {
    private static final int THREADS = 32;
    private final BiConsumer<HttpPreRequest, ThreadContext> perRequest;
    private final ExecutorService threads =
            Executors.newFixedThreadPool(THREADS, Thread.ofPlatform().daemon().name("http-", 0).factory());
    private HttpServer server;

    LoopbackHttp(
            Settings settings,
            NetworkService network,
            PageCacheRecycler recycler,
            ThreadPool threadPool,
            NamedXContentRegistry registry,
            Dispatcher dispatcher,
            ClusterSettings clusterSettings,
            BiConsumer<HttpPreRequest, ThreadContext> perRequest) {
        super(settings, network, new BytesRefRecycler(recycler), threadPool, registry, dispatcher, clusterSettings);
        this.perRequest = perRequest;
    }

    @Override
    protected HttpServerChannel bind(InetSocketAddress address) throws Exception {
        server = HttpServer.create(address, 128);
        server.setExecutor(threads);
        server.createContext("/", this::accept);
        server.start();
        return new Listening(server);
    }

    /** Each exchange is a channel of its own: it is gone when its answer is sent, whatever becomes of the connection. */
    private void accept(HttpExchange exchange) throws java.io.IOException {
        var channel = new ExchangeChannel(exchange, recycler());
        try {
            var request = new ExchangeRequest(exchange, handlingSettings.maxContentLength());
            serverAcceptedChannel(channel);
            incomingRequest(request, channel);
        } catch (Exception | Error err) {
            onException(channel, err instanceof Exception known ? known : new RuntimeException(err));
        }
    }

    @Override
    protected void populatePerRequestThreadContext(RestRequest request, ThreadContext context) {
        perRequest.accept(request.getHttpRequest(), context);
    }

    @Override
    protected void stopInternal() {
        threads.shutdown();
    }

    private static final class Listening implements HttpServerChannel {
        private final HttpServer server;
        private final SubscribableListener<Void> closed = new SubscribableListener<>();

        Listening(HttpServer server) {
            this.server = server;
        }

        @Override
        public InetSocketAddress getLocalAddress() {
            return server.getAddress();
        }

        @Override
        public void addCloseListener(ActionListener<Void> listener) {
            closed.addListener(listener);
        }

        @Override
        public boolean isOpen() {
            return closed.isDone() == false;
        }

        @Override
        public void close() {
            if (isOpen()) server.stop(0);
            closed.onResponse(null);
        }
    }
}
