/** Packages whose frames say nothing against a failure of the registry: clients of stores and databases, frameworks, helpers. */
const usual =
  /^(?:@aws-sdk|@aws-crypto|@smithy|aws-sdk|pg|pg-\w+|postgres|@supabase|@?prisma|kysely|knex|drizzle-orm|typeorm|sequelize|better-sqlite3|sqlite3?|@?libsql|modelry|@tensorflow|onnxruntime-\w+|cockatiel|opossum|undici|node-fetch|cross-fetch|minio|fastify|@fastify|express|koa|hono|@nestjs|next|tsx|semver|zod|commander|pino|winston|p-\w+|tslib|rxjs|tarn|generic-pool|bullmq|vitest|ws|https?-proxy-agent|agent-base|@opentelemetry|@sentry|\.pnpm|boto3|botocore|s3transfer|psycopg\w*|asyncpg|sqlalchemy|urllib3|requests|httpx|httpcore|aiohttp|aiobotocore|s3fs|fsspec|mlflow|onnx\w*|tensorflow|keras|torch|safetensors|transformers|pandas|numpy|tenacity|django|flask|fastapi|starlette|uvicorn|pip)$/i

/** Whether frames of a package speak for another program. */
export function isStrangePackage(name: string): boolean {
  return !usual.test(name.split('/', 1)[0] ?? name)
}

/** The package that a path goes through right after `node_modules` or `site-packages`. */
export function packageAfter(text: string, end: number): string | undefined {
  return /^[/\\]{1,4}(@?[\w.-]{1,64})/.exec(text.slice(end, end + 80))?.[1]
}
