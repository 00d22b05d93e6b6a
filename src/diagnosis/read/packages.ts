/** Packages whose frames say nothing against a failure of the registry: clients of stores and databases, frameworks, helpers. */
const usual =
  /^(?:@aws-sdk|@aws-crypto|@smithy|aws-sdk|pg|pg-\w+|pgpass|postgres|@supabase|@prisma|prisma|kysely|knex|drizzle-orm|typeorm|sequelize|objection|@mikro-orm|better-sqlite3|sqlite3?|@libsql|libsql|modelry|@tensorflow|onnxruntime-\w+|@huggingface|@xenova|cockatiel|opossum|undici|node-fetch|cross-fetch|minio|s3-\w+|multer-s3|fastify|@fastify|express|koa|@koa|@hapi|hono|@nestjs|next|tsx|ts-node|esbuild|semver|zod|commander|pino|winston|p-\w+|async|bluebird|tslib|rxjs|dotenv|tarn|generic-pool|sharp|bullmq|@types|vitest|uuid|ws|https?-proxy-agent|agent-base|@opentelemetry|dd-trace|newrelic|@sentry|\.pnpm|boto3|botocore|s3transfer|psycopg2?|psycopg_pool|asyncpg|sqlalchemy|alembic|urllib3|requests|httpx|httpcore|aiohttp|aiobotocore|s3fs|fsspec|mlflow|onnx|onnxruntime|tensorflow|keras|torch|safetensors|transformers|pandas|numpy|tenacity|backoff|django|flask|fastapi|starlette|uvicorn|pip)$/i

/** Whether frames of a package speak for another program. */
export function isStrangePackage(name: string): boolean {
  return !usual.test(name.split('/', 1)[0] ?? name)
}

/** The package that a path goes through right after `node_modules` or `site-packages`. */
export function packageAfter(text: string, end: number): string | undefined {
  return /^[/\\]{1,4}(@?[\w.-]{1,64})/.exec(text.slice(end, end + 80))?.[1]
}
